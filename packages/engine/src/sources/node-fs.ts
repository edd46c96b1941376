import type { FileHandle } from "node:fs/promises";
import {
  asSourceError,
  endsEarly,
  notFound,
  type RangeOptions,
  type ReadOptions,
  relativePath,
  type Source,
} from "./source.js";

/** A folder on this machine. Node only. Symbolic links are followed: the Hub's own cache is made of them. */
export function nodeFolder(folder: string): Source {
  const name = folder;
  const at = (path: string) => `${folder.replace(/\/+$/, "")}/${relativePath(path)}`;

  async function size(path: string, { signal }: ReadOptions = {}): Promise<number | undefined> {
    signal?.throwIfAborted();
    try {
      const status = await fileSystem().stat(at(path));
      return status.isFile() ? status.size : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asSourceError(error, signal, ({ message }) => `${path} in ${name} could not be looked at: ${message}.`);
    }
  }

  async function read(path: string, { start, end, signal, into }: RangeOptions): Promise<Uint8Array> {
    signal?.throwIfAborted();
    let file: FileHandle | undefined;
    try {
      file = await fileSystem().open(at(path), "r");
      const bytes = into ?? new Uint8Array(end - start);
      for (let filled = 0; filled < bytes.length; ) {
        const { bytesRead } = await file.read(bytes, filled, bytes.length - filled, start + filled);
        signal?.throwIfAborted();
        if (bytesRead === 0) throw endsEarly({ name }, path, end, start + filled);
        filled += bytesRead;
      }
      return bytes;
    } catch (error) {
      if (isMissing(error)) throw notFound({ name }, path);
      throw asSourceError(error, signal, ({ message }) => `${path} in ${name} could not be read: ${message}.`);
    } finally {
      await file?.close();
    }
  }

  /** What a file system tells: where it is, how long, and when it was written. */
  async function identity(path: string): Promise<string | undefined> {
    try {
      const place = await fileSystem().realpath(at(path));
      const { size, mtimeMs, ino } = await fileSystem().stat(place);
      return [place, ino, size, mtimeMs].join(" ");
    } catch {
      return undefined;
    }
  }

  return { name, size, read, identity };
}

/** What stands at a path of this machine. Elsewhere than in Node, nothing does. */
export async function kindOfPath(path: string): Promise<"folder" | "file" | "nothing"> {
  try {
    const status = await fileSystem().stat(path);
    return status.isDirectory() ? "folder" : "file";
  } catch {
    return "nothing";
  }
}

/** The folder that a `file:` address names; on Windows its path has a drive. */
export function folderOfUrl(url: URL): Source {
  return nodeFolder(process.getBuiltinModule("node:url").fileURLToPath(url));
}

// Not an import: bundlers for the browser would try to resolve it.
function fileSystem(): typeof import("node:fs/promises") {
  return process.getBuiltinModule("node:fs/promises");
}

function isMissing(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ENOTDIR";
}
