import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { sendRange, serve } from "./server.js";

export interface HubServerOptions {
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  /** Whether it has the API, or like some mirrors only files with the Hub's headers. Default true. */
  readonly api?: boolean;
  /** Whether its headers name the commit. Default true. */
  readonly commit?: boolean;
  /** What it says that files hash to, where that is not the truth. */
  readonly hashes?: Readonly<Record<string, string>>;
  /** Answers in its own way when it returns true. */
  readonly trouble?: (request: IncomingMessage, response: ServerResponse, count: number) => boolean;
}

export interface HubServer {
  readonly endpoint: string;
  readonly commit: string;
  /** Of all requests, redirects included. */
  readonly requests: string[];
  /** Bytes of bodies sent since the start. */
  readonly sent: () => number;
}

/** As the Hub has them. */
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-repo-commit,x-linked-etag,x-linked-size,x-error-code,etag,content-range",
};

/**
 * Stands in for the Hub with one repository, `owner/name`: its API, and its files, the large ones (`.safetensors`) by a
 * redirect to another host, as the Hub's CDN is.
 */
export async function serveHub(options: HubServerOptions): Promise<HubServer> {
  const { files, api = true, commit: hasCommit = true, hashes = {}, trouble } = options;
  const contents = new Map(
    Object.entries(files).map(([path, body]) => [path, typeof body === "string" ? Buffer.from(body) : body]),
  );
  const commit = createHash("sha1")
    .update(JSON.stringify([...contents.keys()]))
    .digest("hex");
  const isLarge = (path: string) => path.endsWith(".safetensors");
  const etagOf = (path: string, body: Uint8Array) => hashes[path] ?? (isLarge(path) ? sha256(body) : gitHash(body));
  const siblings = [...contents].map(([rfilename, body]) => ({
    rfilename,
    size: body.length,
    blobId: isLarge(rfilename) ? gitHash(Buffer.from("pointer")) : etagOf(rfilename, body),
    ...(isLarge(rfilename) && { lfs: { sha256: etagOf(rfilename, body), size: body.length, pointerSize: 134 } }),
  }));
  let bytes = 0;
  const { url, requests } = await serve((request, response, count) => {
    countBytes(response, (sent) => {
      bytes += sent;
    });
    for (const [name, value] of Object.entries(CORS)) response.setHeader(name, value);
    if (trouble?.(request, response, count)) return;
    const { pathname } = new URL(request.url!, "http://hub");
    if (pathname === "/") {
      response.writeHead(200, { "content-type": "text/html" }).end("<!doctype html>"); // for tests in a browser
      return;
    }
    if (pathname.startsWith("/api/models/owner/name/revision/") && api) {
      response
        .writeHead(200, { "content-type": "application/json" })
        .end(JSON.stringify({ id: "owner/name", sha: commit, private: false, siblings }));
      return;
    }
    const [, place, path = ""] = /^\/(cdn|owner\/name\/resolve\/[^/]+)\/(.+)$/.exec(decodeURI(pathname)) ?? [];
    const body = contents.get(path);
    if (!place || !body) {
      response.writeHead(404, { "x-error-code": place ? "EntryNotFound" : "", "x-repo-commit": commit }).end();
      return;
    }
    if (place === "cdn") {
      response.setHeader("etag", `"${sha256(body).slice(0, 32)}"`); // of its own making, as CDNs have them
      return sendRange(request, response, body);
    }
    const etag = `"${etagOf(path, body)}"`;
    if (hasCommit) response.setHeader("x-repo-commit", commit);
    if (isLarge(path)) {
      const location = `${url.replace("127.0.0.1", "localhost")}cdn/${path}`;
      response
        .writeHead(302, { location, "x-linked-etag": etag, "x-linked-size": body.length, etag: '"pointer"' })
        .end();
      return;
    }
    response.setHeader("etag", etag);
    sendRange(request, response, body);
  });
  return { endpoint: url.replace(/\/$/, ""), commit, requests, sent: () => bytes };
}

/** The files of a folder, for `serveHub`. */
export function filesOf(folder: string): Record<string, Uint8Array> {
  const names = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(names.map(({ name }) => [name, readFileSync(join(folder, name))]));
}

export function sha256(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}

function gitHash(body: Uint8Array): string {
  return createHash("sha1").update(`blob ${body.length}\0`).update(body).digest("hex");
}

/** Hears of every byte of a body. */
function countBytes(response: ServerResponse, onBytes: (bytes: number) => void): void {
  for (const method of ["write", "end"] as const) {
    const original = response[method].bind(response) as (...args: unknown[]) => never;
    response[method] = (...args: unknown[]) => {
      const [chunk] = args;
      if (chunk instanceof Uint8Array || typeof chunk === "string") onBytes(chunk.length);
      return original(...args);
    };
  }
}
