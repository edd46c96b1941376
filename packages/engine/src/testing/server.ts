import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export type Handler = (request: IncomingMessage, response: ServerResponse, count: number) => void;

export interface TestServer {
  readonly url: string;
  /** Method, path and range of each request, in order. */
  readonly requests: string[];
}

/** A real server on this machine that lives as long as the test; `count` is 1 for the first request. */
export async function serve(handler: Handler): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    requests.push([method, url, headers.range?.replace("bytes=", "")].filter(Boolean).join(" "));
    handler(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

/** Sends a file as a good server does: 206 with exactly the range, 416 past the end. */
export function sendRange({ headers }: IncomingMessage, response: ServerResponse, file: Uint8Array): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? "") ?? [];
  if (first === undefined) {
    response.writeHead(200, { "content-length": file.length }).end(file);
    return;
  }
  const start = Number(first);
  const end = Math.min(Number(last) + 1, file.length);
  if (start >= file.length) {
    response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
    return;
  }
  response
    .writeHead(206, { "content-range": `bytes ${start}-${end - 1}/${file.length}`, "content-length": end - start })
    .end(file.subarray(start, end));
}
