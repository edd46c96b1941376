/**
 * The body of a response, read in order. What a chunk holds beyond the bytes asked for is kept for the next call.
 * Rejects when the connection is cut; a cancelled body simply ends.
 */
export class Body {
  /** Place in the file of the next byte. */
  position: number;
  /** Whether this is the whole file, from a server that knows no ranges, rather than the range asked for. */
  readonly whole: boolean;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #idle: number;
  #rest = new Uint8Array();

  /** `idle`: milliseconds without a byte after which the connection counts as cut. */
  constructor(response: Response, position: number, idle: number) {
    this.#idle = idle;
    this.whole = response.status === 200;
    this.position = this.whole ? 0 : position;
    this.#reader = response.body?.getReader();
  }

  /** From 1 to `most` bytes; `undefined` at the end. */
  async next(most: number): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      const { done, value } = this.#reader ? await this.#chunk(this.#reader) : { done: true };
      if (done || !value) return undefined;
      this.#rest = value as Uint8Array<ArrayBuffer>;
    }
    const part = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(part.length);
    this.position += part.length;
    return part;
  }

  #chunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<ReadableStreamReadResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      const silent = () => reject(new Error(`no byte for ${this.#idle / 1000} s`));
      const timer = setTimeout(silent, this.#idle);
      reader
        .read()
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }

  /** Passes over bytes up to a place in the file; `false` when the body ends before. */
  async skipTo(position: number): Promise<boolean> {
    while (this.position < position) {
      if (!(await this.next(position - this.position))) return false;
    }
    return true;
  }

  /** Gives the connection back. */
  cancel(): void {
    this.#rest = new Uint8Array();
    this.#reader?.cancel().catch(() => {});
  }
}

const IDLE = 2000;

/**
 * Bodies of whole files, kept open between reads: from a server without ranges, tensors read in the order of the file
 * cost one download instead of one each. One body a file, and for two seconds only, since it holds a connection.
 */
export class Shelf {
  readonly #bodies = new Map<string, { readonly body: Body; readonly timer: ReturnType<typeof setTimeout> }>();

  /** A body that has not yet passed `position`. It belongs to the caller until it is put back. */
  take(path: string, position: number): Body | undefined {
    const kept = this.#bodies.get(path);
    if (!kept || kept.body.position > position) return undefined;
    clearTimeout(kept.timer);
    this.#bodies.delete(path);
    return kept.body;
  }

  put(path: string, body: Body): void {
    this.#drop(path);
    this.#bodies.set(path, { body, timer: setTimeout(() => this.#drop(path), IDLE) });
  }

  #drop(path: string): void {
    const kept = this.#bodies.get(path);
    if (!kept) return;
    clearTimeout(kept.timer);
    this.#bodies.delete(path);
    kept.body.cancel();
  }
}
