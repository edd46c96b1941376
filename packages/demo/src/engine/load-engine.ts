/** The engine itself, on the page: for what needs no GPU. Not in the first script. */
export const loadEngine = () => import("@alambic/engine");
