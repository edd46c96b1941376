import { nodeFolder } from "../node-fs.js";
import { openPartial } from "./node-partial.js";
import { asStorageError, type CacheEntry, type PackedAbout, type PackedFile, type PackedStore } from "./store.js";

/** Quantised weights as `<key>.safetensors`, each beside a `<key>.json` that says what they are. Without it they do not count. */
export function nodePackedStore(folder: string): PackedStore {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const weights = (key: string) => join(folder, `${key}.safetensors`);
  const about = (key: string) => join(folder, `${key}.json`);

  async function find(key: string): Promise<PackedFile | undefined> {
    try {
      const { size } = await fs.stat(weights(key));
      const source = nodeFolder(folder);
      return {
        size,
        about: JSON.parse(await fs.readFile(about(key), "utf8")) as PackedAbout,
        read: (options) => source.read(`${key}.safetensors`, options),
      };
    } catch {
      return undefined;
    }
  }

  async function remove(key: string): Promise<void> {
    const names = (await fs.readdir(folder).catch(() => [])).filter((name) => name.startsWith(`${key}.`));
    await Promise.all(names.map((name) => fs.rm(join(folder, name), { force: true })));
  }

  return {
    name: folder,
    find,
    begin: (key, size) => openPartial(weights(key), size, folder),
    async describe(key, description) {
      try {
        const aside = `${about(key)}.${process.pid}`;
        await fs.writeFile(aside, JSON.stringify(description));
        await fs.rename(aside, about(key));
        for (const other of await listPackedWeights(folder))
          if (other.name === description.name && other.id !== key) await remove(other.id);
      } catch (error) {
        throw asStorageError(error, folder);
      }
    },
    remove,
  };
}

/** What is kept, and what never got its description: both can be removed. */
export async function listPackedWeights(folder: string): Promise<CacheEntry[]> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const names = await fs.readdir(folder).catch(() => []);
  const keys = [...new Set(names.map((name) => name.split(".")[0]!))];
  return Promise.all(
    keys.map(async (key) => {
      const own = names.filter((name) => name.startsWith(`${key}.`));
      const states = await Promise.all(own.map((name) => fs.stat(join(folder, name))));
      const file = await nodePackedStore(folder).find(key);
      return {
        name: file?.about.name ?? "unfinished",
        kind: "packed" as const,
        id: key,
        bytes: states.reduce((sum, { size }) => sum + size, 0),
        modified: Math.max(...states.map(({ mtimeMs }) => mtimeMs)),
      };
    }),
  );
}
