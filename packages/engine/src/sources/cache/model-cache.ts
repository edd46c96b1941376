import { StorageError } from "../../errors.js";
import { hubCacheFolder, inNode } from "../environment.js";
import { hostsFolder, packedFolder } from "./default.js";
import { nodeModelCache } from "./node-model-cache.js";
import { opfsModelCache } from "./opfs-model-cache.js";
import { hasOpfs } from "./opfs-presence.js";
import type { ModelCache } from "./store.js";

export type { ModelCache } from "./store.js";

/**
 * The cache of this machine: huggingface_hub's folder and Alambic's own in Node, the origin's private files in a browser. On a
 * page and in a worker it is the same one.
 *
 * @throws {@link StorageError} in a browser that keeps nothing.
 */
export function modelCache(): ModelCache {
  if (inNode()) return nodeModelCache({ hub: hubCacheFolder(), hosts: hostsFolder(), packed: packedFolder() });
  if (hasOpfs()) return opfsModelCache();
  throw new StorageError(
    "storage-unavailable",
    "This browser keeps no files for this page: it needs https or localhost, and no private window.",
  );
}
