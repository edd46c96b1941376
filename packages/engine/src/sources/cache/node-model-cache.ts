import { EngineError } from "../../errors.js";
import type { ModelCache } from "./model-cache.js";
import { hubFolderOf, listHubCache } from "./node-hub-store.js";
import { listPackedWeights, nodePackedStore } from "./node-packed-store.js";

/** The Hub's cache folder and that of quantised weights as one. */
export function nodeModelCache(folders: { readonly hub: string; readonly packed: string }): ModelCache {
  const fs = process.getBuiltinModule("node:fs/promises");
  const list = async () => {
    const entries = await Promise.all([listHubCache(folders.hub), listPackedWeights(folders.packed)]);
    return entries.flat().toSorted((a, b) => b.bytes - a.bytes);
  };
  return {
    list,
    async remove({ kind, id }) {
      // Only what is listed: an id is part of a path.
      const found = (await list()).find((entry) => entry.kind === kind && entry.id === id);
      if (!found) throw new EngineError("storage-unknown", `${id} is not in the cache. List it to see what is.`);
      if (kind === "packed") await nodePackedStore(folders.packed).remove(id);
      else await fs.rm(hubFolderOf(folders.hub, id), { recursive: true, force: true });
    },
    async usage() {
      const bytes = (await list()).reduce((sum, entry) => sum + entry.bytes, 0);
      const disk = await fs.statfs(folders.hub).catch(() => undefined);
      return { bytes, free: disk && disk.bavail * disk.bsize };
    },
  };
}
