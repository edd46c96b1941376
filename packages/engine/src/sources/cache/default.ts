import { alambicCacheFolder, hubCacheFolder, inNode } from "../environment.js";
import { nodeHubStore } from "./node-hub-store.js";
import { nodePackedStore } from "./node-packed-store.js";
import type { HubStore, PackedStore } from "./store.js";

/** Where this machine keeps files of the Hub; `undefined` in a browser that keeps nothing. */
export function defaultHubStore(): HubStore | undefined {
  return inNode() ? nodeHubStore(hubCacheFolder()) : undefined;
}

/** Where it keeps quantised weights. */
export function defaultPackedStore(): PackedStore | undefined {
  return inNode() ? nodePackedStore(packedFolder()) : undefined;
}

export function packedFolder(): string {
  return `${alambicCacheFolder()}/packed`;
}
