import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, readdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, join, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";
import { byteRange } from "./byte-range.js";

const MODELS = fileURLToPath(new URL("../../../models", import.meta.url));
const VIRTUAL = "virtual:embedded-models";
const VIRTUAL_FILES = "virtual:embedded-files";

/** Served with the pair but never fetched by the page. */
const NOT_FETCHED = new Set(["README.md"]);

/**
 * Puts the repository's `models/` under `models/` of the site: read in place by the dev server (with byte ranges, which
 * the engine reads weights by), copied into `dist` by a build. `virtual:embedded-models` tells the page how many bytes
 * each folder holds, so that the load button can say so before anything is fetched; `virtual:embedded-files` tells the
 * service worker which files there are.
 */
export function embeddedPair(): Plugin {
  let outDir = "";
  let building = false;
  return {
    name: "alambic:embedded-pair",
    configResolved(config) {
      outDir = resolve(config.root, config.build.outDir);
      building = config.command === "build";
    },
    resolveId: (id) => (id === VIRTUAL || id === VIRTUAL_FILES ? `\0${id}` : undefined),
    async load(id) {
      if (id === `\0${VIRTUAL}`) return `export default ${JSON.stringify(await measureFolders())};`;
      if (id !== `\0${VIRTUAL_FILES}`) return undefined;
      const { files, version } = await listFiles();
      return `export const files = ${JSON.stringify(files)}; export const version = ${JSON.stringify(version)};`;
    },
    configureServer(server) {
      server.middlewares.use("/models", (request, response, next) => {
        serveFile(request, response).catch((error: NodeJS.ErrnoException) => {
          if (error.code !== "ENOENT") return next(error);
          // Not left to the page's fallback: a missing file must not answer with html.
          response.writeHead(404).end();
        });
      });
    },
    async closeBundle() {
      if (building) await cp(MODELS, join(outDir, "models"), { recursive: true });
    },
  };
}

/** Every file that the page may fetch, with its size, and a version that changes with any of their bytes. */
async function listFiles(): Promise<{ files: Record<string, number>; version: string }> {
  const files: Record<string, number> = {};
  const hash = createHash("sha256");
  for (const entry of await readdir(MODELS, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || NOT_FETCHED.has(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(MODELS, path).split(sep).join("/");
    files[name] = (await stat(path)).size;
    hash.update(name);
    for await (const chunk of createReadStream(path)) hash.update(chunk);
  }
  return { files, version: hash.digest("hex").slice(0, 16) };
}

/** Bytes that the page fetches of each folder, and how many of them are weights. */
async function measureFolders(): Promise<Record<string, { bytes: number; weightBytes: number }>> {
  const folders: Record<string, { bytes: number; weightBytes: number }> = {};
  for (const folder of await readdir(MODELS, { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    const counts = { bytes: 0, weightBytes: 0 };
    for (const name of await readdir(join(MODELS, folder.name))) {
      if (NOT_FETCHED.has(name)) continue;
      const { size } = await stat(join(MODELS, folder.name, name));
      counts.bytes += size;
      if (name.endsWith(".safetensors")) counts.weightBytes += size;
    }
    folders[folder.name] = counts;
  }
  return folders;
}

async function serveFile(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  const path = resolve(MODELS, `.${decodeURIComponent(pathname)}`);
  const info = path.startsWith(MODELS + sep) ? await stat(path) : undefined;
  if (!info?.isFile()) {
    response.writeHead(404).end();
    return;
  }
  const range = byteRange(request.headers.range, info.size);
  const headers = {
    "accept-ranges": "bytes",
    "content-type": basename(path).endsWith(".json") ? "application/json" : "application/octet-stream",
  };
  if (range === "unsatisfiable") {
    response.writeHead(416, { ...headers, "content-range": `bytes */${info.size}` }).end();
    return;
  }
  const { start, end } = range ?? { start: 0, end: info.size - 1 };
  response.writeHead(range ? 206 : 200, {
    ...headers,
    "content-length": end - start + 1,
    ...(range && { "content-range": `bytes ${start}-${end}/${info.size}` }),
  });
  if (request.method === "HEAD") response.end();
  else createReadStream(path, { start, end }).pipe(response);
}
