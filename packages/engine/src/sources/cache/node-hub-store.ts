import type { HubFile } from "../hub-listing.js";
import { nodeFolder } from "../node-fs.js";
import { relativePath } from "../source.js";
import { openPartial } from "./node-partial.js";
import { asStorageError, type CacheEntry, type HubStore, type PartialFile, type StoredFile } from "./store.js";

/**
 * huggingface_hub's own cache: what Python has fetched is found here, and what is fetched here is found there.
 *
 *     models--<owner>--<name>/refs/<revision>             the commit, as text
 *                            /blobs/<etag>                the bytes
 *                            /snapshots/<commit>/<path>   a link to the blob, or on Windows the file itself
 *
 * @param folder - `hubCacheFolder()`.
 */
export function nodeHubStore(folder: string): HubStore {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { basename, dirname, join, relative } = process.getBuiltinModule("node:path");
  const repository = (repoId: string) => join(folder, `models--${repoId.replaceAll("/", "--")}`);
  const snapshot = (repoId: string, commit: string) => join(repository(repoId), "snapshots", commit);

  async function commitOf(repoId: string, revision: string): Promise<string | undefined> {
    const text = await fs.readFile(refPath(repoId, revision), "utf8").catch(() => "");
    return text.trim() || undefined;
  }

  async function remember(repoId: string, revision: string, commit: string): Promise<void> {
    const path = refPath(repoId, revision);
    try {
      await fs.mkdir(dirname(path), { recursive: true });
      await fs.writeFile(path, commit);
    } catch (error) {
      throw asStorageError(error, folder);
    }
  }

  async function find(repoId: string, commit: string, path: string): Promise<StoredFile | undefined> {
    const place = join(snapshot(repoId, commit), relativePath(path));
    try {
      const blob = await fs.realpath(place);
      const { size } = await fs.stat(blob);
      const etag = basename(dirname(blob)) === "blobs" ? basename(blob) : undefined;
      const source = nodeFolder(dirname(blob));
      return { size, etag, read: (options) => source.read(basename(blob), options) };
    } catch {
      return undefined;
    }
  }

  async function blob(repoId: string, { etag, size }: HubFile): Promise<StoredFile | undefined> {
    const source = nodeFolder(join(repository(repoId), "blobs"));
    const found = await source.size(etag).catch(() => undefined);
    return found === size ? { size, etag, read: (options) => source.read(etag, options) } : undefined;
  }

  async function begin(repoId: string, commit: string | undefined, file: HubFile): Promise<PartialFile | undefined> {
    const list = async () => {
      if (commit) await link(place, join(snapshot(repoId, commit), relativePath(file.path)));
    };
    const place = join(repository(repoId), "blobs", file.etag);
    if (await blob(repoId, file)) {
      await list();
      return undefined;
    }
    const partial = await openPartial(place, file.size, folder);
    return {
      ...partial,
      async finish() {
        await partial.finish();
        await list();
      },
    };
  }

  async function link(from: string, place: string): Promise<void> {
    try {
      await fs.mkdir(dirname(place), { recursive: true });
      await fs.rm(place, { force: true });
      await fs.symlink(relative(dirname(place), from), place);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EEXIST") return; // another process linked it meanwhile
      // Windows without developer mode has no links: huggingface_hub moves the file there, and so do we.
      if (code === "EPERM" || code === "ENOTSUP" || code === "ENOSYS") await fs.rename(from, place);
      else throw asStorageError(error, folder);
    }
  }

  function refPath(repoId: string, revision: string): string {
    return join(repository(repoId), "refs", ...relativePath(revision).split("/"));
  }

  return { name: folder, commitOf, remember, find, blob, begin };
}

/** The models of a Hub cache, whoever fetched them. */
export async function listHubCache(folder: string): Promise<(CacheEntry & { readonly path: string })[]> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const names = await fs.readdir(folder).catch(() => []);
  return Promise.all(
    names
      .filter((name) => name.startsWith("models--"))
      .map(async (name) => ({
        name: name.split("--").slice(1).join("/"),
        kind: "model" as const,
        id: name.split("--").slice(1).join("/"),
        path: join(folder, name),
        ...(await measure(join(folder, name))),
      })),
  );
}

/** Bytes and newest date of all files below; links are not followed. */
async function measure(folder: string): Promise<{ readonly bytes: number; readonly modified: number }> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { join } = process.getBuiltinModule("node:path");
  const found = await fs.readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = found.filter((entry) => entry.isFile());
  const states = await Promise.all(files.map(({ parentPath, path, name }) => fs.stat(join(parentPath ?? path, name))));
  return {
    bytes: states.reduce((sum, { size, blocks }) => sum + Math.min(size, 512 * (blocks ?? Infinity)), 0),
    modified: states.reduce((newest, { mtimeMs }) => Math.max(newest, mtimeMs), 0),
  };
}
