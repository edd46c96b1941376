// Fetched when it is asked for, by name: the rest of the engine stays in its worker.
export { modelCache } from "@alambic/engine";
