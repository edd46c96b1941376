import type { Choices } from "@alambic/kernels";
import { alambicCacheFolder } from "../sources/environment.js";
import type { TuningCache } from "./tuning.js";

/** A file in the user's cache folder under Node, the Cache Storage of the origin in a browser (in a worker too). */
export function defaultTuningCache(): TuningCache {
  if (globalThis.process?.versions?.node) return fileCache(`${alambicCacheFolder()}/tuning.json`);
  return browserCache();
}

/** One JSON file for all adapters. A file that cannot be read or written costs a search, no more. */
export function fileCache(file: string): TuningCache {
  // Not imports: bundlers for the browser would try to resolve them.
  const { mkdir, readFile, rename, writeFile } = process.getBuiltinModule("node:fs/promises");
  const { dirname } = process.getBuiltinModule("node:path");
  const all = async (): Promise<Record<string, Choices>> => {
    try {
      return asRecord(JSON.parse(await readFile(file, "utf8"))) as Record<string, Choices>;
    } catch {
      return {};
    }
  };
  return {
    get: async (adapter) => asChoices((await all())[adapter]),
    async set(adapter, choices) {
      try {
        const text = JSON.stringify({ ...(await all()), [adapter]: choices }, null, 1);
        await mkdir(dirname(file), { recursive: true });
        // Aside and renamed, so that two processes never leave half a file.
        const aside = `${file}.${process.pid}`;
        await writeFile(aside, text);
        await rename(aside, file);
      } catch {
        // A folder that may not be written: the next load searches again.
      }
    },
  };
}

const CACHE_NAME = "alambic-tuning";

function browserCache(): TuningCache {
  const address = (adapter: string) => `https://alambic.invalid/${encodeURIComponent(adapter)}`;
  return {
    async get(adapter) {
      try {
        const found = await (await caches.open(CACHE_NAME)).match(address(adapter));
        return found ? asChoices(await found.json()) : {};
      } catch {
        return {};
      }
    },
    async set(adapter, choices) {
      try {
        await (await caches.open(CACHE_NAME)).put(address(adapter), new Response(JSON.stringify(choices)));
      } catch {
        // No storage here, or none left: the next load searches again.
      }
    },
  };
}

/** What a file holds that may be of another version, or damaged. */
function asChoices(value: unknown): Choices {
  return Object.fromEntries(
    Object.entries(asRecord(value)).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
