import { SourceError } from "../../errors.js";
import { type Digest, digestFor } from "../digest.js";
import type { HttpSource } from "../http.js";
import type { HubFile } from "../hub-listing.js";
import type { RangeOptions } from "../source.js";
import type { Connections } from "./connections.js";
import { PART_BYTES, type PartialFile, partCount, partRange } from "./store.js";

/** Parts of one file under way together. */
const AT_ONCE = 4;

export interface DownloadParts {
  readonly remote: HttpSource;
  /** Shared by the files of a model. */
  readonly connections: Connections;
  /** Of the files that are fetched together, those with the least come first. */
  readonly order: number;
  readonly file: HubFile;
  readonly partial: PartialFile;
  /** Hears of bytes that came over the network. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Fetches a file into a cache, several parts at a time and in order, except that parts somebody waits for come first: so
 * weights go to the GPU while the rest is on its way, and every byte crosses the network once.
 *
 * Hashing follows in order of the file and reads what is on disk, not what was sent there.
 */
export class Download {
  readonly file: HubFile;
  /** Resolves when the file is whole, checked and in the cache. */
  readonly done: Promise<void>;
  readonly #remote: HttpSource;
  readonly #connections: Connections;
  readonly #order: number;
  readonly #partial: PartialFile;
  readonly #stop = new AbortController();
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();
  readonly #wanted: number[] = [];
  readonly #begun = new Set<number>();
  readonly #digest: Promise<Digest> | undefined;
  #hashing = Promise.resolve();
  #hashed = 0;
  /** What is hashed passes through here. */
  #memory: Uint8Array | undefined;

  constructor({ remote, connections, order, file, partial, onBytes }: DownloadParts) {
    this.file = file;
    this.#remote = remote;
    this.#connections = connections;
    this.#order = order;
    this.#partial = partial;
    this.#digest = file.checked ? digestFor(file.etag, file.size) : undefined;
    this.done = this.#run(onBytes);
    this.done.catch(() => {}); // told to whoever awaits it or waits for bytes
  }

  /** Bytes of the file, as soon as they are there. */
  async read(options: RangeOptions): Promise<Uint8Array> {
    const { start, end, signal } = options;
    for (let part = Math.floor(start / PART_BYTES); part * PART_BYTES < end; part++) await this.#arrived(part);
    signal?.throwIfAborted();
    return this.#partial.read(options);
  }

  /** Ends it; what has arrived is kept. */
  stop(reason: unknown): void {
    this.#stop.abort(reason);
  }

  async #arrived(part: number): Promise<void> {
    if (this.#partial.has(part)) return;
    let waiting = this.#waiting.get(part);
    if (!waiting) {
      waiting = withResolvers();
      this.#waiting.set(part, waiting);
      if (!this.#begun.has(part)) this.#wanted.push(part);
    }
    // Whatever ends the download ends the wait; after its end the part is there, or `done` has failed.
    await Promise.race([waiting.promise, this.done]);
  }

  async #run(onBytes: (bytes: number) => void): Promise<void> {
    const partial = this.#partial;
    const { size } = partial;
    try {
      this.#hash();
      const fetchNext = async (): Promise<boolean> => {
        const part = this.#next();
        if (part === undefined) return false;
        await this.#fetch(part, onBytes);
        this.#waiting.get(part)?.resolve();
        this.#hash();
        return true;
      };
      const urgency = () => (this.#wanted.length > 0 ? -1 : this.#order);
      const fetchers = Array.from({ length: Math.min(AT_ONCE, partCount(size)) }, async () => {
        try {
          while (await this.#connections.use(urgency, fetchNext));
        } catch (error) {
          this.#stop.abort(error); // the others end too, with what they have
          throw error;
        }
      });
      await Promise.allSettled(fetchers);
      await Promise.all(fetchers);
      await this.#hashing;
    } catch (error) {
      await partial.close();
      throw this.#stop.signal.aborted ? this.#stop.signal.reason : error;
    }
    await this.#check();
    await partial.finish();
  }

  /** The next part to fetch: one that is waited for, else the first that is missing. */
  #next(): number | undefined {
    this.#stop.signal.throwIfAborted();
    const missing = (part: number) => !this.#begun.has(part) && !this.#partial.has(part);
    let part = this.#wanted.shift();
    while (part !== undefined && !missing(part)) part = this.#wanted.shift();
    for (let each = 0; part === undefined && each < partCount(this.#partial.size); each++)
      if (missing(each)) part = each;
    if (part !== undefined) this.#begun.add(part);
    return part;
  }

  async #fetch(part: number, onBytes: (bytes: number) => void): Promise<void> {
    const writer = await this.#partial.write(part);
    try {
      const options = { ...partRange(part, this.#partial.size), signal: this.#stop.signal };
      await this.#remote.stream(this.file.path, options, async (chunk) => {
        onBytes(chunk.length);
        await writer.append(chunk);
      });
      await writer.done();
    } catch (error) {
      await writer.abandon();
      throw error;
    }
  }

  /** Goes on with the hash as far as parts follow each other. */
  #hash(): void {
    const hashing = this.#digest;
    if (!hashing) return;
    this.#hashing = this.#hashing.then(async () => {
      const digest = await hashing;
      const { size } = this.#partial;
      this.#memory ??= new Uint8Array(PIECE);
      const memory = this.#memory;
      while (this.#hashed < partCount(size) && this.#partial.has(this.#hashed)) {
        const { start, end } = partRange(this.#hashed, size);
        for (let at = start; at < end; at += PIECE) {
          this.#stop.signal.throwIfAborted();
          const piece = Math.min(PIECE, end - at);
          digest.update(await this.#partial.read({ start: at, end: at + piece, into: memory.subarray(0, piece) }));
        }
        this.#hashed++;
      }
    });
    this.#hashing.catch(() => {}); // awaited at the end
  }

  async #check(): Promise<void> {
    const found = (await this.#digest)?.hex();
    const { path, etag } = this.file;
    if (found === undefined || found === etag) return;
    await this.#partial.discard();
    throw new SourceError(
      "source-wrong-bytes",
      `${path} from ${this.#remote.name} has the hash ${found}; the Hub says ${etag}. What came was thrown away. Load again; if it comes again, something between here and the Hub changes files.`,
    );
  }
}

const PIECE = 2 ** 20;

/** `Promise.withResolvers`, which Node has from 22 on. */
interface PromiseWithResolvers<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
}

function withResolvers(): PromiseWithResolvers<void> {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
