import { entriesOf, opfsFolder, removeEntry } from "./opfs.js";
import { packedName } from "./opfs-packed-store.js";
import type { CacheEntry, ModelCache } from "./store.js";

/** The origin's private files, as a cache of models. */
export function opfsModelCache(): ModelCache {
  async function list(): Promise<CacheEntry[]> {
    const hosts = (await namesIn()).filter((name) => name === "hub" || name.startsWith("host-"));
    const models = await Promise.all(
      hosts.map(async (host) => (await namesIn(host)).map((name) => ({ host, folder: name }))),
    );
    const keys = await namesIn("packed");
    const entries = await Promise.all([
      ...models.flat().map(async ({ host, folder }) => {
        const repoId = folder.split("--").slice(1).join("/");
        const name = host === "hub" ? repoId : `${host.slice("host-".length)}/${repoId}`;
        return { name, kind: "model" as const, id: `${host}/${folder}`, ...(await measure([host, folder])) };
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
    remove: ({ kind, id }) => removeEntry(kind === "packed" ? ["packed", id] : id.split("/")),
    async usage() {
      const bytes = (await list()).reduce((sum, entry) => sum + entry.bytes, 0);
      const { quota, usage } = await navigator.storage.estimate();
      return { bytes, free: quota === undefined || usage === undefined ? undefined : quota - usage };
    },
  };
}

async function namesIn(...path: string[]): Promise<string[]> {
  const handle = await opfsFolder(path);
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
