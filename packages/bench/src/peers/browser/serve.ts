import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, normalize, sep } from "node:path";

/** Files by the beginning of their path: `/npm/` names a folder, `/model.gguf` a file. */
export type Mounts = Readonly<Record<string, string>>;

export interface Served {
  readonly url: string;
  close(): void;
}

const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** A page on this machine, and the files it asks for: nothing comes from anywhere else. It is isolated, as threads need it. */
export function servePage(html: string, mounts: Mounts): Promise<Served> {
  const server = createServer(({ url = "/" }, response) => {
    const path = decodeURIComponent(new URL(url, "http://localhost").pathname);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (path === "/") response.setHeader("Content-Type", "text/html").end(html);
    else void send(fileOf(path, mounts), response);
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "localhost", () => {
      const { port } = server.address() as AddressInfo;
      resolve({ url: `http://localhost:${port}/`, close: () => server.closeAllConnections() ?? server.close() });
    });
  });
}

/** The file that a path names, never one outside its mount. */
export function fileOf(path: string, mounts: Mounts): string | undefined {
  for (const [beginning, place] of Object.entries(mounts)) {
    if (!beginning.endsWith("/")) {
      if (path === beginning) return place;
      continue;
    }
    const rest = normalize(path.slice(beginning.length));
    if (path.startsWith(beginning) && rest !== ".." && !rest.startsWith(`..${sep}`)) return `${place}${sep}${rest}`;
  }
  return undefined;
}

async function send(file: string | undefined, response: ServerResponse): Promise<void> {
  const found = file === undefined ? undefined : await stat(file).catch(() => undefined);
  if (!file || !found?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.setHeader("Content-Type", TYPES[extname(file)] ?? "application/octet-stream");
  response.setHeader("Content-Length", found.size);
  createReadStream(file).pipe(response);
}
