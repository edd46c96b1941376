import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";

/** The service worker's name in the build: without a hash, since the browser looks for a new one at the same address. */
const WORKER = "sw.js";

/**
 * Builds `src/offline/sw.ts` beside the page, as one classic script, and writes into it the list of files that make the
 * page. The models are not among them: they are kept as they are fetched.
 */
export function offline(): Plugin {
  let publicDir = "";
  return {
    name: "alambic:offline",
    apply: "build",
    config: () => ({
      build: {
        rolldownOptions: {
          input: { index: "index.html", sw: "src/offline/sw.ts" },
          output: {
            entryFileNames: ({ name }) => (name === "sw" ? WORKER : "assets/[name]-[hash].js"),
          },
        },
      },
    }),
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      // After vite has written index.html.
      order: "post",
      async handler(_, bundle) {
        const files = Object.keys(bundle).filter((name) => name !== WORKER && !name.endsWith(".map"));
        const hash = createHash("sha256");
        for (const name of files.sort()) {
          const output = bundle[name]!;
          hash.update(name).update(output.type === "chunk" ? output.code : output.source);
        }
        const copied = await readdir(publicDir);
        for (const name of copied.sort()) hash.update(name).update(await readFile(join(publicDir, name)));
        const shell = {
          files: ["./", ...files.filter((name) => name !== "index.html"), ...copied],
          version: hash.digest("hex").slice(0, 16),
        };
        const worker = bundle[WORKER];
        if (worker?.type !== "chunk") throw new Error(`${WORKER} is not part of the build.`);
        if (worker.imports.length > 0) throw new Error(`${WORKER} imports ${worker.imports}: a classic script cannot.`);
        const written = worker.code.replace(/"__SHELL__"|`__SHELL__`/, JSON.stringify(JSON.stringify(shell)));
        if (written === worker.code) throw new Error(`${WORKER} has no place for the list of files.`);
        worker.code = written;
      },
    },
  };
}
