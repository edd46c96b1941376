import { EngineError } from "../../errors.js";
import { listHubCache } from "./node-hub-store.js";
import { listPackedWeights, nodePackedStore } from "./node-packed-store.js";
import type { CacheEntry, ModelCache } from "./store.js";

export interface NodeCacheFolders {
  readonly hub: string;
  /** A cache like the Hub's for each other server. */
  readonly hosts: string;
  readonly packed: string;
}

/** The Hub's cache folder and Alambic's own as one. */
export function nodeModelCache(folders: NodeCacheFolders): ModelCache {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");

  async function models(): Promise<{ readonly entry: CacheEntry; readonly folder: string }[]> {
    const hosts = await fs.readdir(folders.hosts).catch(() => []);
    const caches = [
      { folder: folders.hub, prefix: "" },
      ...hosts.map((host) => ({ folder: join(folders.hosts, host), prefix: `${host}/` })),
    ];
    const found = caches.map(async ({ folder, prefix }) =>
      (await listHubCache(folder)).map(({ path, ...entry }) => ({
        entry: { ...entry, name: prefix + entry.name, id: prefix + entry.id },
        folder: path,
      })),
    );
    return (await Promise.all(found)).flat();
  }

  async function list(): Promise<CacheEntry[]> {
    const [found, packed] = await Promise.all([models(), listPackedWeights(folders.packed)]);
    return [...found.map(({ entry }) => entry), ...packed].toSorted((a, b) => b.bytes - a.bytes);
  }

  return {
    list,
    async remove({ kind, id }) {
      // Only what is listed: an id would otherwise be part of a path.
      if (kind === "packed") {
        const found = (await listPackedWeights(folders.packed)).some((entry) => entry.id === id);
        if (!found) throw unknown(id);
        return nodePackedStore(folders.packed).remove(id);
      }
      const found = (await models()).find(({ entry }) => entry.id === id);
      if (!found) throw unknown(id);
      await fs.rm(found.folder, { recursive: true, force: true });
    },
    async usage() {
      const bytes = (await list()).reduce((sum, entry) => sum + entry.bytes, 0);
      const disk = await fs.statfs(folders.hub).catch(() => undefined);
      return { bytes, free: disk && disk.bavail * disk.bsize };
    },
  };
}

function unknown(id: string): EngineError {
  return new EngineError("storage-unknown", `${id} is not in the cache. List it to see what is.`);
}
