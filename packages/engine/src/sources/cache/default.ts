import { alambicCacheFolder, hubCacheFolder, inNode } from "../environment.js";
import { nodeHubStore } from "./node-hub-store.js";
import { nodePackedStore } from "./node-packed-store.js";
import { hasOpfs } from "./opfs.js";
import { opfsHubStore } from "./opfs-hub-store.js";
import { opfsPackedStore } from "./opfs-packed-store.js";
import type { HubStore, PackedStore } from "./store.js";

/** Where this machine keeps files of the Hub; `undefined` in a browser that keeps nothing. */
export function defaultHubStore(): HubStore | undefined {
  if (inNode()) return nodeHubStore(hubCacheFolder());
  return hasOpfs() ? opfsHubStore() : undefined;
}

/** Where it keeps quantised weights. */
export function defaultPackedStore(): PackedStore | undefined {
  if (inNode()) return nodePackedStore(packedFolder());
  return hasOpfs() ? opfsPackedStore() : undefined;
}

export function packedFolder(): string {
  return `${alambicCacheFolder()}/packed`;
}
