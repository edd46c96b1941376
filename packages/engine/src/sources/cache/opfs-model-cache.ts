import type { ModelCache } from "./model-cache.js";
import { entriesOf, opfsFolder, removeEntry } from "./opfs.js";
import { packedName } from "./opfs-packed-store.js";
import type { CacheEntry } from "./store.js";

/** The origin's private files, as a cache of models. */
export function opfsModelCache(): ModelCache {
  async function list(): Promise<CacheEntry[]> {
    const models = (await namesIn("hub")).filter((name) => name.startsWith("models--"));
    const keys = await namesIn("packed");
    const entries = await Promise.all([
      ...models.map(async (folder) => {
        const name = folder.split("--").slice(1).join("/");
        return { name, kind: "model" as const, id: name, ...(await measure(["hub", folder])) };
      }),
      ...keys.map(async (key) => ({
        name: await packedName(key),
        kind: "packed" as const,
        id: key,
        ...(await measure(["packed", key])),
      })),
    ]);
    return entries.sort((a, b) => b.bytes - a.bytes);
  }
  return {
    list,
    remove: ({ kind, id }) =>
      removeEntry(kind === "packed" ? ["packed", id] : ["hub", `models--${id.replaceAll("/", "--")}`]),
    async usage() {
      const bytes = (await list()).reduce((sum, entry) => sum + entry.bytes, 0);
      const { quota, usage } = await navigator.storage.estimate();
      return { bytes, free: quota === undefined || usage === undefined ? undefined : quota - usage };
    },
  };
}

async function namesIn(folder: string): Promise<string[]> {
  const handle = await opfsFolder([folder]);
  return handle ? [...(await entriesOf(handle)).keys()] : [];
}

async function measure(path: readonly string[]): Promise<Pick<CacheEntry, "bytes" | "modified">> {
  const folder = await opfsFolder(path);
  let bytes = 0;
  let modified = 0;
  const visit = async (handle: FileSystemDirectoryHandle): Promise<void> => {
    for (const entry of (await entriesOf(handle)).values()) {
      if (entry.kind === "directory") {
        await visit(entry as FileSystemDirectoryHandle);
        continue;
      }
      const file = await (entry as FileSystemFileHandle).getFile();
      bytes += file.size;
      modified = Math.max(modified, file.lastModified);
    }
  };
  if (folder) await visit(folder);
  return { bytes, modified };
}
