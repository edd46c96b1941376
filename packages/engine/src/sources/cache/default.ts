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

/** The same for another server with the Hub's paths, apart from the Hub's: whoever runs it could give any model any name. */
export function storeOfHost(host: string): HubStore | undefined {
  const name = host.replace(/[^\w.-]/g, "_");
  if (inNode()) return nodeHubStore(`${hostsFolder()}/${name}`);
  return hasOpfs() ? opfsHubStore(`host-${name}`) : undefined;
}

export function hostsFolder(): string {
  return `${alambicCacheFolder()}/hosts`;
}

/** Where it keeps quantised weights. */
export function defaultPackedStore(): PackedStore | undefined {
  if (inNode()) return nodePackedStore(packedFolder());
  return hasOpfs() ? opfsPackedStore() : undefined;
}

export function packedFolder(): string {
  return `${alambicCacheFolder()}/packed`;
}
