import { StorageError } from "../../errors.js";
import type { HubFile } from "../hub-listing.js";
import type { RangeOptions } from "../source.js";

/** Files are fetched and kept in parts of this many bytes; the last one is shorter. */
export const PART_BYTES = 8 * 2 ** 20;

/** A whole file of a cache. */
export interface StoredFile {
  readonly size: number;
  /** Names the bytes, where the cache knows: another etag, other bytes. */
  readonly etag?: string | undefined;
  read(options: RangeOptions): Promise<Uint8Array>;
}

/** A file that is being filled, part by part in any order. What was filled is still there after a crash. */
export interface PartialFile {
  readonly size: number;
  has(part: number): boolean;
  /** Opens a part; only one writer has it at a time. */
  write(part: number): Promise<PartWriter>;
  /** Bytes of parts that are there. */
  read(options: RangeOptions): Promise<Uint8Array>;
  /** Makes it a whole file of the cache. Its bytes were checked. */
  finish(): Promise<void>;
  /** Keeps what there is for another time. */
  close(): Promise<void>;
  /** Forgets it: its bytes are wrong. */
  discard(): Promise<void>;
}

export interface PartWriter {
  /** Appends; the chunk may be used again when this has resolved. */
  append(chunk: Uint8Array): Promise<void>;
  /** The part is whole. */
  done(): Promise<void>;
  /** It is not, and its bytes are forgotten. */
  abandon(): Promise<void>;
}

/** What a cache holds, to be listed and removed. */
export interface CacheEntry {
  /** `owner/name`, or for quantised weights what they were made from. */
  readonly name: string;
  readonly kind: "model" | "packed";
  /** What `remove` takes. */
  readonly id: string;
  /** On disk, unfinished downloads included. */
  readonly bytes: number;
  /** Milliseconds since 1970 when it was last written. */
  readonly modified: number;
}

export interface CacheUsage {
  readonly bytes: number;
  /** Bytes that may still be written; `undefined` where that is not known. */
  readonly free: number | undefined;
}

/** Files of the Hub that are kept on this machine, by repository, commit and path. */
export interface HubStore {
  /** For messages: where it is. */
  readonly name: string;
  /** The commit that a branch or tag stood at when it was last looked up. */
  commitOf(repoId: string, revision: string): Promise<string | undefined>;
  remember(repoId: string, revision: string, commit: string): Promise<void>;
  find(repoId: string, commit: string, path: string): Promise<StoredFile | undefined>;
  /** Bytes by their hash, of whatever commit: for servers that name none. */
  blob?(repoId: string, file: HubFile): Promise<StoredFile | undefined>;
  /** A file to be filled; `undefined` when its bytes are there already, under another commit, and only had to be listed. */
  begin(repoId: string, commit: string | undefined, file: HubFile): Promise<PartialFile | undefined>;
}

/** Weights as they lie on the GPU, kept under a key that says what they were made of and how. */
export interface PackedStore {
  readonly name: string;
  find(key: string): Promise<PackedFile | undefined>;
  begin(key: string, size: number): Promise<PartialFile>;
  /** Makes a finished file findable, and removes what went by the same name before: made by older kernels, of an older commit. */
  describe(key: string, about: PackedAbout): Promise<void>;
  remove(key: string): Promise<void>;
}

export interface PackedFile extends StoredFile {
  readonly about: PackedAbout;
}

export interface PackedAbout {
  /** What they were made from, for people. */
  readonly name: string;
  /** Bytes of the file. */
  readonly size: number;
  /** SHA-256 of each piece of each tensor, in order. */
  readonly hashes: Readonly<Record<string, readonly string[]>>;
}

export function partCount(size: number): number {
  return Math.ceil(size / PART_BYTES);
}

/** Where a part begins and ends in its file. */
export function partRange(part: number, size: number): { readonly start: number; readonly end: number } {
  return { start: part * PART_BYTES, end: Math.min((part + 1) * PART_BYTES, size) };
}

/** A failure of a disk or of a browser's storage as one of ours. */
export function asStorageError(error: unknown, name: string): StorageError {
  if (error instanceof StorageError) return error;
  const { name: kind, code, message } = error as Error & { code?: unknown };
  if (kind === "QuotaExceededError" || code === "ENOSPC" || code === "EDQUOT") {
    return new StorageError(
      "storage-full",
      `There is no room left in ${name}. Remove models that are no longer needed (alambic cache ls, alambic cache rm; on a page modelCache()).`,
      { cause: error },
    );
  }
  return new StorageError(
    "storage-unavailable",
    `${name} could not be written: ${message}. Allow it, or load with cache: false.`,
    { cause: error },
  );
}

/** What of models is kept on this machine. */
export interface ModelCache {
  /** The largest first. */
  list(): Promise<readonly CacheEntry[]>;
  /**
   * Removes a model with all its revisions, or what was quantised from one.
   *
   * @param entry - One of `list()`.
   */
  remove(entry: Pick<CacheEntry, "kind" | "id">): Promise<void>;
  usage(): Promise<CacheUsage>;
}
