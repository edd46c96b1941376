// Fetched with the first checkpoint, by name: the rest of the engine stays in its worker.
export { anatomy } from "@alambic/engine";
