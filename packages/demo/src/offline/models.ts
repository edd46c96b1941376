import { type Span, spanAsked, spansFor } from "./ranges.js";

/** The files of the embedded pair, by their path below `models/`. */
export type ModelFiles = Readonly<Record<string, number>>;

/**
 * Answers for the embedded pair's files. What comes from the network is kept, span by span as the engine asks for them: a
 * load that was cut goes on where it broke off, and one that went through needs no network again.
 */
export class ModelCache {
  readonly #files: ModelFiles;
  readonly #name: string;

  constructor(files: ModelFiles, name: string) {
    this.#files = files;
    this.#name = name;
  }

  /** @param path - Below `models/`. `keep` is told of work that goes on after the answer. */
  async answer(request: Request, path: string, keep: (work: Promise<unknown>) => void): Promise<Response> {
    const size = this.#files[path];
    // Known without asking, and without a network: the engine looks for files that a checkpoint may have.
    if (size === undefined) return new Response(null, { status: 404 });
    const asked = spanAsked(request.headers.get("range"), size);
    if (!asked) return fetch(request);
    const cache = await caches.open(this.#name);
    const kept = await this.#read(cache, path, asked);
    if (kept) return answerWith(kept, asked, size, request.headers.has("range"));
    const response = await fetch(request);
    if (response.ok && response.status === (request.headers.has("range") ? 206 : 200)) {
      keep(store(cache, keyOf(path, asked), response.clone()));
    }
    return response;
  }

  async #read(cache: Cache, path: string, asked: Span): Promise<Blob | undefined> {
    const keys = await cache.keys(keyOf(path), { ignoreSearch: true });
    const spans = spansFor(asked, keys.map(spanOf));
    if (!spans) return undefined;
    let at = asked.start;
    const parts: Blob[] = [];
    for (const span of spans) {
      const blob = await (await cache.match(keyOf(path, span)))?.blob();
      if (blob?.size !== span.end - span.start) return undefined;
      const end = Math.min(span.end, asked.end);
      parts.push(blob.slice(at - span.start, end - span.start));
      at = end;
    }
    return new Blob(parts);
  }
}

/** A cache's keys are addresses: the span is written into the query. */
function keyOf(path: string, span?: Span): string {
  const url = new URL(`models/${path}`, self.location.href);
  if (span) url.search = `?${span.start}-${span.end}`;
  return url.href;
}

function spanOf({ url }: Request): Span {
  const [start = 0, end = 0] = new URL(url).search.slice(1).split("-").map(Number);
  return { start, end };
}

/** A full disk is no failure of the answer: nothing is kept then. */
async function store(cache: Cache, key: string, response: Response): Promise<void> {
  try {
    const body = await response.blob();
    await cache.put(key, new Response(body));
  } catch {
    // Cut while it came, or no room.
  }
}

function answerWith(body: Blob, { start, end }: Span, size: number, ranged: boolean): Response {
  const headers = { "accept-ranges": "bytes", "content-length": String(end - start) };
  if (!ranged) return new Response(body, { headers });
  return new Response(body, {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end - 1}/${size}` },
  });
}
