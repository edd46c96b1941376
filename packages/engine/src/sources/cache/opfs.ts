import { EngineError, StorageError } from "../../errors.js";
import type { RangeOptions } from "../source.js";
import { OPFS_NAME } from "./opfs-presence.js";
import {
  asStorageError,
  PART_BYTES,
  type PartialFile,
  type PartWriter,
  partCount,
  partRange,
  type StoredFile,
} from "./store.js";

/** A folder of the origin's private files, `undefined` when it is not there and not to be made. */
export async function opfsFolder(
  path: readonly string[],
  { create = false } = {},
): Promise<FileSystemDirectoryHandle | undefined> {
  try {
    let folder = await navigator.storage.getDirectory();
    for (const name of ["alambic", ...path]) folder = await folder.getDirectoryHandle(name, { create });
    return folder;
  } catch (error) {
    if (create) throw asStorageError(error, OPFS_NAME);
    return undefined; // not there, or a private window that has none
  }
}

/** What stands in a folder, by name. */
export async function entriesOf(folder: FileSystemDirectoryHandle): Promise<Map<string, FileSystemHandle>> {
  const found = new Map<string, FileSystemHandle>();
  for await (const [name, entry] of folder as unknown as AsyncIterable<[string, FileSystemHandle]>)
    found.set(name, entry);
  return found;
}

export async function readTextFile(path: readonly string[]): Promise<string | undefined> {
  try {
    const folder = await opfsFolder(path.slice(0, -1));
    return await (await (await folder?.getFileHandle(path.at(-1)!))?.getFile())?.text();
  } catch {
    return undefined;
  }
}

export async function writeTextFile(path: readonly string[], text: string): Promise<void> {
  const folder = await opfsFolder(path.slice(0, -1), { create: true });
  const writer = await openWriter(folder!, path.at(-1)!);
  await writer.append(new TextEncoder().encode(text));
  await writer.done();
}

export async function removeEntry(path: readonly string[]): Promise<void> {
  const folder = await opfsFolder(path.slice(0, -1));
  await folder?.removeEntry(path.at(-1)!, { recursive: true }).catch(() => {});
}

/** A file that was kept as parts in a folder of its own; `undefined` when one of them is missing or short. */
export async function openStored(path: readonly string[], size: number): Promise<StoredFile | undefined> {
  const folder = await opfsFolder(path);
  if (!folder) return undefined;
  const parts = await partsOf(folder, size);
  if (parts.size < partCount(size)) return undefined;
  return { size, read: (options) => readParts(parts, options) };
}

/**
 * A file that grows in a folder of its own, a file a part: a part is whole when it has its length, whatever happened to the
 * page that wrote it. Neither does it need a file that is written and read at once, which only workers have.
 *
 * @param finish - Makes it findable.
 */
export async function openOpfsPartial(
  path: readonly string[],
  size: number,
  finish: () => Promise<void>,
): Promise<PartialFile> {
  const folder = (await opfsFolder(path, { create: true }))!;
  const parts = await partsOf(folder, size);
  return {
    size,
    has: (part) => parts.has(part),
    async write(part) {
      const writer = await openWriter(folder, partName(part));
      return {
        ...writer,
        async done() {
          await writer.done();
          const file = await (await folder.getFileHandle(partName(part))).getFile();
          const { start, end } = partRange(part, size);
          // Chromium lets a worker write past the quota, and cuts the file when it is closed.
          if (file.size < end - start) throw asStorageError(new DOMException("cut", "QuotaExceededError"), OPFS_NAME);
          parts.set(part, file);
        },
      };
    },
    read: (options) => readParts(parts, options),
    finish,
    close: async () => {},
    discard: () => removeEntry(path),
  };
}

function partName(part: number): string {
  return String(part).padStart(5, "0");
}

/** Parts of the right length. */
async function partsOf(folder: FileSystemDirectoryHandle, size: number): Promise<Map<number, File>> {
  const parts = new Map<number, File>();
  for (const [name, entry] of await entriesOf(folder)) {
    const part = Number(name);
    if (entry.kind !== "file" || !Number.isInteger(part) || part >= partCount(size)) continue;
    const { start, end } = partRange(part, size);
    const file = await (entry as FileSystemFileHandle).getFile();
    if (file.size === end - start) parts.set(part, file);
  }
  return parts;
}

async function readParts(parts: ReadonlyMap<number, File>, { start, end, signal, into }: RangeOptions) {
  signal?.throwIfAborted();
  const bytes = into ?? new Uint8Array(end - start);
  try {
    for (let at = start; at < end; ) {
      const part = Math.floor(at / PART_BYTES);
      const from = part * PART_BYTES;
      const piece = await parts
        .get(part)!
        .slice(at - from, end - from)
        .arrayBuffer();
      signal?.throwIfAborted();
      if (piece.byteLength === 0) throw new Error("a part is cut short");
      bytes.set(new Uint8Array(piece), at - start);
      at += piece.byteLength;
    }
    return bytes;
  } catch (cause) {
    if (signal?.aborted || cause instanceof EngineError) throw cause;
    throw new StorageError(
      "storage-unavailable",
      `What ${OPFS_NAME} had is gone or changed: ${(cause as Error).message}. Load again.`,
      { cause },
    );
  }
}

/** Only dedicated workers have these. They write in place, where a stream writes a copy that takes the file's place at the end. */
interface SyncAccessHandle {
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  truncate(bytes: number): void;
  flush(): void;
  close(): void;
}

async function openWriter(folder: FileSystemDirectoryHandle, name: string): Promise<PartWriter> {
  const tried = async <T>(task: () => T | Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      throw asStorageError(error, OPFS_NAME);
    }
  };
  const file = await tried(() => folder.getFileHandle(name, { create: true }));
  const sync = file as unknown as { createSyncAccessHandle?: () => Promise<SyncAccessHandle> };
  if (!sync.createSyncAccessHandle) {
    const stream = await tried(() => file.createWritable());
    return {
      append: (chunk) => tried(() => stream.write(chunk as Uint8Array<ArrayBuffer>)),
      done: () => tried(() => stream.close()),
      abandon: () => stream.abort().catch(() => {}),
    };
  }
  const handle = await tried(() => sync.createSyncAccessHandle!());
  handle.truncate(0);
  let at = 0;
  return {
    append: (chunk) =>
      tried(() => {
        const sent = handle.write(chunk, { at });
        if (sent < chunk.length) throw new DOMException("the file could not grow", "QuotaExceededError");
        at += sent;
      }),
    done: () =>
      tried(() => {
        handle.flush();
        handle.close();
      }),
    async abandon() {
      handle.close();
      await folder.removeEntry(name).catch(() => {});
    },
  };
}
