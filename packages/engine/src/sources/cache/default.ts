import { alambicCacheFolder, hubCacheFolder, inNode } from "../environment.js";
import { hasOpfs, OPFS_NAME } from "./opfs-presence.js";
import type { HubStore, PackedStore } from "./store.js";

/** Where this machine keeps files of the Hub; `undefined` in a browser that keeps nothing. */
export function defaultHubStore(): HubStore | undefined {
  return storeIn(inNode() ? hubCacheFolder() : "hub");
}

/** The same for another server with the Hub's paths, apart from the Hub's: whoever runs it could give any model any name. */
export function storeOfHost(host: string): HubStore | undefined {
  const name = host.replace(/[^\w.-]/g, "_");
  return storeIn(inNode() ? `${hostsFolder()}/${name}` : `host-${name}`);
}

/** Where it keeps quantised weights. */
export async function defaultPackedStore(): Promise<PackedStore | undefined> {
  if (inNode()) return (await import("./node-packed-store.js")).nodePackedStore(packedFolder());
  return hasOpfs() ? (await import("./opfs-packed-store.js")).opfsPackedStore() : undefined;
}

export function hostsFolder(): string {
  return `${alambicCacheFolder()}/hosts`;
}

export function packedFolder(): string {
  return `${alambicCacheFolder()}/packed`;
}

/** Each platform's code is fetched when it is used: a page needs none of Node's, and most pages none at all. */
function storeIn(folder: string): HubStore | undefined {
  if (inNode()) return lazily(folder, async () => (await import("./node-hub-store.js")).nodeHubStore(folder));
  return hasOpfs()
    ? lazily(OPFS_NAME, async () => (await import("./opfs-hub-store.js")).opfsHubStore(folder))
    : undefined;
}

function lazily(name: string, open: () => Promise<HubStore>): HubStore {
  let opening: Promise<HubStore> | undefined;
  const store = () => {
    opening ??= open();
    return opening;
  };
  return {
    name,
    commitOf: async (...question) => (await store()).commitOf(...question),
    remember: async (...fact) => (await store()).remember(...fact),
    find: async (...question) => (await store()).find(...question),
    blob: async (...question) => (await store()).blob?.(...question),
    begin: async (...file) => (await store()).begin(...file),
  };
}
