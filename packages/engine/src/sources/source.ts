import { EngineError, SourceError } from "../errors.js";

export interface ReadOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RangeOptions extends ReadOptions {
  /** First byte. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
  /** Memory of just that length to fill and return. A source may return memory of its own instead; it must not write here once it has answered. */
  readonly into?: Uint8Array;
}

/** Where a model's files come from. Paths are relative, with `/`, as in a Hub repository. */
export interface Source {
  /** For messages: the folder, the address, the repository. */
  readonly name: string;
  /** Bytes of a file; `undefined` when it is not there. */
  size(path: string, options?: ReadOptions): Promise<number | undefined>;
  /**
   * Exactly the bytes `start` to `end`.
   *
   * @throws {@link SourceError} when the file is not there or ends earlier.
   */
  read(path: string, options: RangeOptions): Promise<Uint8Array>;
  /** A whole small file, where that is cheaper than `size` and `read`; `undefined` when it is not there. */
  text?(path: string, options?: ReadOptions): Promise<string | undefined>;
  /**
   * Says that nearly all of these files is going to be read: a source that keeps files begins to fetch them. Resolves when
   * they are whole and found to be right; reads need not wait for that. Rejects when they are not, or with the signal's reason.
   */
  keep?(paths: readonly string[], options?: ReadOptions): Promise<void>;
  /** Something that changes when the file's bytes change: its hash or etag. `undefined` where the source cannot tell. */
  identity?(path: string, options?: ReadOptions): Promise<string | undefined>;
  /** What this source took from where so far; absent where everything is on this machine. */
  readonly traffic?: Traffic;
}

/** Where a source's bytes came from. */
export interface Traffic {
  /** Bytes of files that came over the network. */
  readonly fetched: number;
  /** Bytes read from the cache, those just fetched included. */
  readonly cached: number;
  /** Why the cache is not used, where that is not by choice. */
  readonly problem?: string | undefined;
}

/** No text file of a model is larger; a server that sends more is stopped. */
export const MAX_TEXT_BYTES = 128 * 2 ** 20;

/** A whole text file, or `undefined` when it is not there. */
export async function readText(source: Source, path: string, options: ReadOptions = {}): Promise<string | undefined> {
  if (source.text) return source.text(path, options);
  const size = await source.size(path, options);
  if (size === undefined) return undefined;
  assertTextSize(source, path, size);
  return decodeText(source, path, await source.read(path, { start: 0, end: size, ...options }));
}

/** A whole JSON file, or `undefined` when it is not there. @throws {@link SourceError} when it is not JSON. */
export async function readJson(source: Source, path: string, options: ReadOptions = {}): Promise<unknown> {
  const text = await readText(source, path, options);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SourceError(
      "source-wrong-bytes",
      `${path} in ${source.name} is not JSON: ${(cause as Error).message}. It was probably cut short or replaced; fetch it again.`,
      { cause },
    );
  }
}

export function assertTextSize(source: { readonly name: string }, path: string, bytes: number): void {
  if (bytes <= MAX_TEXT_BYTES) return;
  throw new SourceError(
    "source-wrong-bytes",
    `${path} in ${source.name} has ${bytes} bytes; a text file of a model has at most ${MAX_TEXT_BYTES}. This is another file.`,
  );
}

export function decodeText(source: { readonly name: string }, path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new SourceError("source-wrong-bytes", `${path} in ${source.name} is not UTF-8 text. Fetch it again.`, {
      cause,
    });
  }
}

/**
 * The path itself, when it stays inside its source. File names come from checkpoints (`weight_map`), so they are not to be trusted.
 *
 * @throws {@link SourceError} for absolute paths, `..`, backslashes and addresses.
 */
export function relativePath(path: string): string {
  const safe =
    path !== "" &&
    !/[\\:\0]/.test(path) &&
    path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..");
  if (safe) return path;
  throw new SourceError(
    "source-not-found",
    `${JSON.stringify(path)} is not a path inside a model's folder. Use a relative path with forward slashes, without "..".`,
  );
}

export function notFound(source: { readonly name: string }, path: string): SourceError {
  return new SourceError(
    "source-not-found",
    `${path} is not in ${source.name}. Check the name and that the copy is complete.`,
  );
}

export function endsEarly(source: { readonly name: string }, path: string, end: number, size: number): SourceError {
  return new SourceError(
    "source-wrong-bytes",
    `${path} in ${source.name} ends at byte ${size}; bytes up to ${end} were asked for. The file is cut short; fetch it again.`,
  );
}

/** An error of the platform as one of ours; aborts and our own errors pass through. */
export function asSourceError(
  error: unknown,
  signal: AbortSignal | undefined,
  explain: (cause: Error) => string,
): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof EngineError) return error;
  return new SourceError("source-unavailable", explain(error as Error), { cause: error });
}
