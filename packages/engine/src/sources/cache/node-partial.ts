import type { FileHandle } from "node:fs/promises";
import { nodeFolder } from "../node-fs.js";
import type { RangeOptions } from "../source.js";
import { asStorageError, type PartialFile, type PartWriter, partCount, partRange } from "./store.js";

/** Numbers the downloads of this process, so that two of the same file do not share one. */
let opened = 0;

/**
 * A file that grows beside its final place, as `<place>.<owner>.incomplete`. After its bytes stands one byte a part, 1
 * when that part is whole: so a download that was cut is told from a whole one by its length alone, and is taken up where it
 * stopped. Renamed into its place when it is done.
 *
 * @param place - Where the whole file will be.
 * @param name - The cache, for messages.
 */
export async function openPartial(place: string, size: number, name: string): Promise<PartialFile> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { basename, dirname } = process.getBuiltinModule("node:path");
  const parts = partCount(size);
  const own = `${place}.${process.pid}-${opened++}.incomplete`;
  const tried = async <T>(task: () => Promise<T>): Promise<T> => {
    try {
      return await task();
    } catch (error) {
      throw asStorageError(error, name);
    }
  };
  await tried(() => fs.mkdir(dirname(place), { recursive: true }));
  await adopt(place, own, size + parts);
  const file = await tried(() => openSized(own, size + parts));
  const whole = new Uint8Array(parts);
  await tried(() => file.read(whole, 0, parts, size));

  async function write(part: number): Promise<PartWriter> {
    let at = partRange(part, size).start;
    return {
      append: (chunk) =>
        tried(async () => {
          for (let sent = 0; sent < chunk.length; ) {
            const { bytesWritten } = await file.write(chunk, sent, chunk.length - sent, at);
            sent += bytesWritten;
            at += bytesWritten;
          }
        }),
      done: () =>
        tried(async () => {
          await file.write(Uint8Array.of(1), 0, 1, size + part);
          whole[part] = 1;
        }),
      abandon: async () => {},
    };
  }

  /** By its name, since it may be finished meanwhile. */
  async function read(options: RangeOptions): Promise<Uint8Array> {
    const folder = nodeFolder(dirname(place));
    const unfinished = (await folder.size(basename(own))) !== undefined;
    return folder.read(basename(unfinished ? own : place), options);
  }

  return {
    size,
    has: (part) => whole[part] === 1,
    write,
    read,
    finish: () =>
      tried(async () => {
        await file.truncate(size);
        await file.close();
        await fs.rename(own, place);
      }),
    async close() {
      await file.close().catch(() => {});
      // Under no owner's name: the next who needs it takes it up.
      await fs.rename(own, `${place}.0.incomplete`).catch(() => {});
    },
    async discard() {
      await file.close().catch(() => {});
      await fs.rm(own, { force: true });
    },
  };
}

async function openSized(path: string, bytes: number): Promise<FileHandle> {
  const { open } = process.getBuiltinModule("node:fs/promises");
  const { O_CREAT, O_RDWR } = process.getBuiltinModule("node:fs").constants;
  const file = await open(path, O_RDWR | O_CREAT, 0o644);
  await file.truncate(bytes); // longer than it was: zeros, which is to say no part
  return file;
}

/** Takes over what another download of this file left: one that was closed, or whose process is gone. Renaming decides between two who want it. */
async function adopt(place: string, own: string, bytes: number): Promise<void> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { basename, dirname, join } = process.getBuiltinModule("node:path");
  const names = await fs.readdir(dirname(place)).catch(() => []);
  for (const found of names) {
    const [, pid] = found.startsWith(`${basename(place)}.`) ? (/\.(\d+)(?:-\d+)?\.incomplete$/.exec(found) ?? []) : [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    const left = join(dirname(place), found);
    try {
      if ((await fs.stat(left)).size === bytes) return await fs.rename(left, own);
    } catch {
      // Another process was quicker.
    }
  }
}

/** 0 owns nothing: it is what closed downloads are named after. */
function isAlive(pid: number): boolean {
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
