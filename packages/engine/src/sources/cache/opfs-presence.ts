export const OPFS_NAME = "this browser's storage";

/** Whether this page or worker may keep files at all: the origin private file system. */
export function hasOpfs(): boolean {
  return typeof globalThis.navigator?.storage?.getDirectory === "function";
}
