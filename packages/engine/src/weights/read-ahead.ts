import type { RangeOptions, Source } from "../sources/source.js";
import { wrongLength } from "./header.js";

const WINDOW = 2 * 2 ** 20;
const AHEAD = 2;
/** Two places are read in turn, as MLX's scales lie far from its words. Each has the last, the current and the next windows. */
const MOST_WINDOWS = 2 * (2 + AHEAD);

interface Window {
  readonly name: string;
  /** Memory that is filled anew when the window is given up and nobody uses it. */
  readonly memory: Uint8Array;
  readonly filled: Promise<Uint8Array>;
  /** Readers that wait for it or copy from it, and the source while it fills it. */
  users: number;
}

/**
 * Reads a file in windows of 2 MiB, and the next two beforehand once reads go forward: a model of several hundred small
 * tensors costs a request for every 2 MiB instead of one for every tensor, and the GPU is fed while the next bytes are on
 * their way. Holds eight windows at most, and uses their memory again instead of leaving it to the garbage collector.
 */
export class ReadAhead {
  readonly #source: Source;
  readonly #size: number;
  /** By file and number; the one used longest ago comes first. */
  readonly #windows = new Map<string, Window>();
  readonly #free: Uint8Array[] = [];

  constructor(source: Source, windowBytes = WINDOW) {
    this.#source = source;
    this.#size = windowBytes;
  }

  /** Fills `into`, or memory of its own. `fileBytes` is the size of the whole file. */
  async read(file: string, fileBytes: number, { start, end, signal, into }: RangeOptions): Promise<Uint8Array> {
    const bytes = into ?? new Uint8Array(end - start);
    for (let at = start; at < end; ) {
      const index = Math.floor(at / this.#size);
      const from = index * this.#size;
      await this.#using({ file, fileBytes, index, signal }, (window) => {
        const part = window.subarray(at - from, end - from);
        bytes.set(part, at - start);
        at += part.length;
      });
    }
    return bytes;
  }

  async #using(place: Place, use: (bytes: Uint8Array) => void): Promise<void> {
    const { file, fileBytes, index, signal } = place;
    signal?.throwIfAborted();
    const known = this.#windows.has(nameOf(place));
    const forward = this.#windows.has(nameOf({ file, index: index - 1 }));
    const window = this.#take(place);
    window.users++;
    for (let next = index + 1; forward && next <= index + AHEAD && next * this.#size < fileBytes; next++) {
      this.#take({ ...place, index: next });
    }
    try {
      use(await unlessAborted(window.filled, signal));
      return;
    } catch (error) {
      // Fetched beforehand for another reader, who may have given up: that is no failure of this one.
      if (!known || signal?.aborted) throw error;
    } finally {
      this.#release(window);
    }
    await this.#using(place, use);
  }

  /** The window, as the one used last. */
  #take(place: Place): Window {
    const name = nameOf(place);
    const window = this.#windows.get(name) ?? this.#fetch(place);
    this.#windows.delete(name);
    this.#windows.set(name, window);
    for (const oldest of this.#windows.values()) {
      if (this.#windows.size <= MOST_WINDOWS) break;
      this.#giveUp(oldest);
    }
    return window;
  }

  #fetch({ file, fileBytes, index, signal }: Place): Window {
    const start = index * this.#size;
    const end = Math.min(start + this.#size, fileBytes);
    const memory = this.#free.pop() ?? new Uint8Array(this.#size);
    const into = memory.subarray(0, end - start);
    const filled = this.#source.read(file, { start, end, signal, into }).then((bytes) => {
      if (bytes.length !== end - start) throw wrongLength(this.#source, file, end - start, bytes.length);
      return bytes;
    });
    const window: Window = { name: nameOf({ file, index }), memory, filled, users: 1 };
    filled.then(
      () => this.#release(window),
      () => {
        this.#giveUp(window);
        this.#release(window);
      },
    );
    return window;
  }

  #giveUp(window: Window): void {
    if (this.#windows.get(window.name) !== window) return;
    this.#windows.delete(window.name);
    if (window.users === 0) this.#free.push(window.memory);
  }

  #release(window: Window): void {
    window.users--;
    if (window.users === 0 && this.#windows.get(window.name) !== window) this.#free.push(window.memory);
  }
}

interface Place {
  readonly file: string;
  readonly fileBytes: number;
  readonly index: number;
  readonly signal: AbortSignal | undefined;
}

function nameOf({ file, index }: Pick<Place, "file" | "index">): string {
  return `${index} ${file}`;
}

/** The promise, or the signal's reason as soon as it is aborted. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
