import { EngineError, type SourceError } from "../errors.js";
import { Body, Shelf } from "./body.js";
import { brokeOff, isUnreachable, noAnswer, statusError, tooMuch, wrongRange } from "./http-errors.js";
import { contentLength, contentRange, isMissing, retryAfter } from "./http-headers.js";
import { Patience } from "./patience.js";
import {
  assertTextSize,
  decodeText,
  endsEarly,
  notFound,
  type RangeOptions,
  type ReadOptions,
  relativePath,
  type Source,
} from "./source.js";

export interface HttpOptions {
  /** Sent with every request, e.g. `Authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For messages. Default: the address. */
  readonly name?: string;
  /** A better error than the status alone gives, where the server says more; `undefined` for the usual one. */
  readonly explain?: (response: Response, path: string) => SourceError | undefined;
  /** Tries that bring no byte before giving up. Default 5. */
  readonly attempts?: number;
  /** The pause before the second try, in milliseconds; each next one is twice as long. Default 500. */
  readonly pause?: number;
  /** Milliseconds without an answer or a byte after which a connection counts as cut. Default 30,000. */
  readonly idle?: number;
  /** How a path is written into the address. Default: each of its segments escaped. */
  readonly escapePath?: (path: string) => string;
}

/** Files of a server, with what only a server can tell. */
export interface HttpSource extends Source {
  /**
   * The bytes `start` to `end` in order, as they arrive. A chunk is gone when its call has resolved.
   *
   * @throws whatever `onChunk` rejects with, if that is an error of the engine.
   */
  stream(path: string, options: RangeOptions, onChunk: (chunk: Uint8Array) => Promise<void>): Promise<void>;
  /** The headers that the server itself answers with, before it sends the client to another; `undefined` when the file is not there, or a browser hides them. */
  headers(path: string, options?: ReadOptions): Promise<Headers | undefined>;
  readonly text: NonNullable<Source["text"]>;
}

/**
 * Files below an address, read in ranges.
 *
 * A connection that is cut is taken up where it broke off; 408, 429 and 5xx are tried again after a pause. A server that
 * knows no ranges works too: there a file is streamed from its start, so it is best read in order.
 */
export function http(baseUrl: string | URL, options: HttpOptions = {}): HttpSource {
  const base = new URL(baseUrl);
  if (!base.pathname.endsWith("/")) base.pathname += "/";
  const {
    name = base.origin + base.pathname,
    explain,
    attempts = 5,
    pause = 500,
    idle = 30_000,
    escapePath = escapeSegments,
  } = options;
  const self = { name };
  const shelf = new Shelf();
  let heard = false; // whether this server ever answered
  let fetched = 0;
  const etags = new Map<string, string>();
  const inTurn = new Map<string, Promise<unknown>>(); // of files without ranges: the last read asked for

  function urlOf(path: string): URL {
    const url = new URL(escapePath(relativePath(path)), base);
    url.search = base.search; // a token in the address belongs to every file
    return url;
  }

  /** An answer worth reading, or that the file is missing (404) or shorter (416). Tries again for as long as `patience` lasts. */
  async function ask(path: string, request: Request, patience: Patience): Promise<Response> {
    const { method = "GET", range, signal, redirect = "follow", url = urlOf(path) } = request;
    const headers = { ...options.headers, ...(range && { Range: range }) };
    const init = { method, headers, redirect };
    for (;;) {
      signal?.throwIfAborted();
      let response: Response;
      try {
        response = await answerWithin(idle, signal, (either) => fetch(url, { ...init, signal: either }));
      } catch (cause) {
        signal?.throwIfAborted();
        // Without a network, or under a wrong name, waiting long helps nobody.
        const tries = !heard && isUnreachable(cause) ? Math.min(attempts, 3) : attempts;
        if (await patience.again(signal, 0, tries)) continue;
        throw noAnswer(self, path, url.host, patience.used, cause);
      }
      heard = true;
      const etag = response.headers.get("etag");
      if (response.ok && etag) etags.set(path, etag);
      if (response.ok || isRedirect(response)) return response;
      discard(response);
      const { status } = response;
      const transient = status === 408 || status === 429 || status >= 500;
      if (transient && (await patience.again(signal, retryAfter(response)))) continue;
      const error = explain?.(response, path);
      if (error) throw error;
      if (status === 404 || status === 416) return response;
      throw statusError(self, path, status, attempts);
    }
  }

  async function size(path: string, { signal }: ReadOptions = {}): Promise<number | undefined> {
    const patience = new Patience(attempts, pause);
    // One byte rather than HEAD: ranges are never compressed, so the length is that of the file itself.
    const response = await ask(path, { range: "bytes=0-0", signal }, patience);
    discard(response);
    if (isMissing(response, path)) return undefined;
    if (response.status === 200 && !inTurn.has(path)) inTurn.set(path, Promise.resolve());
    const known = contentRange(response)?.total ?? (response.status === 200 ? contentLength(response) : undefined);
    if (known !== undefined) return known;

    const head = await ask(path, { method: "HEAD", signal }, patience);
    const length = contentLength(head);
    if (length !== undefined) return length;

    const body = new Body(await ask(path, { signal }, patience), 0, idle); // the server tells no length at all: count
    try {
      await body.skipTo(Number.POSITIVE_INFINITY);
      return body.position;
    } catch (cause) {
      signal?.throwIfAborted();
      throw brokeOff(self, path, body.position, 1, cause);
    }
  }

  /** A body that holds the bytes from `start` on, if the file has them. */
  async function open(path: string, { start, end, signal }: RangeOptions, patience: Patience): Promise<Body> {
    const response = await ask(path, { range: `bytes=${start}-${end - 1}`, signal }, patience);
    const range = contentRange(response);
    let error: SourceError | undefined;
    if (isMissing(response, path)) error = notFound(self, path);
    else if (response.status === 416) error = endsEarly(self, path, end, range?.total ?? start);
    else if (range && (range.start !== start || range.end > end)) error = wrongRange(self, path, start, end, range);
    else if (range?.total !== undefined && range.total < end) error = endsEarly(self, path, end, range.total);
    if (!error) {
      const body = new Body(response, start, idle);
      if (body.whole && !inTurn.has(path)) inTurn.set(path, Promise.resolve());
      return body;
    }
    discard(response);
    throw error;
  }

  async function read(path: string, options: RangeOptions): Promise<Uint8Array> {
    const bytes = options.into ?? new Uint8Array(options.end - options.start);
    let filled = 0;
    await takeTurns(path, options, (chunk) => {
      bytes.set(chunk, filled);
      filled += chunk.length;
    });
    return bytes;
  }

  /** Reads of a file without ranges take turns, so that each goes on where the one before it stopped. */
  function takeTurns(path: string, options: RangeOptions, put: Put): Promise<void> {
    const before = inTurn.get(path);
    if (!before) return pass(path, options, put);
    const result = before.then(() => pass(path, options, put));
    inTurn.set(
      path,
      result.catch(() => {}),
    );
    return result;
  }

  /** Passes a range on in order, over as many connections as that takes. */
  async function pass(path: string, { start, end, signal }: RangeOptions, put: Put): Promise<void> {
    const patience = new Patience(attempts, pause);
    let at = start;
    while (at < end) {
      const from = at;
      const kept = shelf.take(path, from);
      const body = kept ?? (await open(path, { start: from, end, signal }, patience));
      const cut = await drain(body);
      signal?.throwIfAborted();
      if (at === end) {
        if (body.whole) shelf.put(path, body);
        break;
      }
      body.cancel();
      if (at > from) patience.refresh();
      else if (kept)
        continue; // it may have been cut long ago
      else if (!(await patience.again(signal))) throw brokeOff(self, path, at, attempts, cut);
    }

    /** Passes on what a body holds; a cut connection is returned, not thrown. */
    async function drain(body: Body): Promise<unknown> {
      const cancel = () => body.cancel();
      signal?.addEventListener("abort", cancel);
      try {
        let more = await body.skipTo(at);
        while (more && at < end) {
          const part = await body.next(end - at);
          more = part !== undefined;
          if (!part) break;
          await put(part);
          fetched += part.length;
          at += part.length;
        }
        if (!more && body.whole && !signal?.aborted) throw endsEarly(self, path, end, body.position);
        if (more && !body.whole && (await body.next(1))) throw tooMuch(self, path, start, end);
        return undefined;
      } catch (error) {
        body.cancel();
        if (error instanceof EngineError) throw error;
        return error;
      } finally {
        signal?.removeEventListener("abort", cancel);
      }
    }
  }

  async function headersOf(path: string, { signal }: ReadOptions = {}): Promise<Headers | undefined> {
    const patience = new Patience(attempts, pause);
    for (let url = urlOf(path), hops = 0; ; hops++) {
      const response = await ask(path, { method: "HEAD", redirect: "manual", signal, url }, patience);
      const onward = new URL(response.headers.get("location") ?? url, url);
      // A redirect within the server is its own affair; one to another host is where its word ends.
      if (isRedirect(response) && onward.origin === url.origin && onward.href !== url.href && hops < MOST_HOPS) {
        url = onward;
        continue;
      }
      return isMissing(response, path) || response.type === "opaqueredirect" ? undefined : response.headers;
    }
  }

  async function text(path: string, { signal }: ReadOptions = {}): Promise<string | undefined> {
    const patience = new Patience(attempts, pause);
    for (;;) {
      const response = await ask(path, { signal }, patience);
      if (isMissing(response, path)) {
        discard(response);
        return undefined;
      }
      const body = new Body(response, 0, idle);
      const chunks: Uint8Array[] = [];
      try {
        for (let part = await body.next(PART); part; part = await body.next(PART)) {
          chunks.push(part);
          fetched += part.length;
          assertTextSize(self, path, body.position);
        }
      } catch (cause) {
        body.cancel();
        signal?.throwIfAborted();
        if (cause instanceof EngineError) throw cause;
        if (await patience.again(signal)) continue;
        throw brokeOff(self, path, body.position, attempts, cause);
      }
      return decodeText(self, path, concatenate(chunks, body.position));
    }
  }

  async function identity(path: string, readOptions?: ReadOptions): Promise<string | undefined> {
    if (!etags.has(path)) await size(path, readOptions);
    const etag = etags.get(path);
    return etag && `${name} ${etag}`;
  }

  return {
    name,
    size,
    read,
    text,
    identity,
    stream: takeTurns,
    headers: headersOf,
    get traffic() {
      return { fetched, cached: 0 };
    },
  };
}

type Put = (chunk: Uint8Array) => void | Promise<void>;

interface Request extends ReadOptions {
  readonly method?: "GET" | "HEAD";
  /** The `Range` header. */
  readonly range?: string;
  readonly redirect?: "follow" | "manual";
  readonly url?: URL;
}

/** Calls off what has not answered in time; once it has, its body may take as long as bytes come. */
async function answerWithin(
  milliseconds: number,
  signal: AbortSignal | undefined,
  ask: (either: AbortSignal) => Promise<Response>,
): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer for ${milliseconds / 1000} s`)), milliseconds);
  try {
    return await ask(signal ? AbortSignal.any([signal, late.signal]) : late.signal);
  } finally {
    clearTimeout(timer);
  }
}

const MOST_HOPS = 5;

/** Only seen by those who asked not to follow; a browser shows no more than that there is one. */
function isRedirect({ status, type }: Response): boolean {
  return type === "opaqueredirect" || (status >= 300 && status < 400);
}

function escapeSegments(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

const PART = 1 << 20;

function discard({ body }: Response): void {
  body?.cancel().catch(() => {});
}

function concatenate(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
