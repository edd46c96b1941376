import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

/**
 * Bytes of JavaScript, each file with gzip, that a page fetches before the app in `entry` can begin: its own file and all that is
 * imported without `import()`. Built as vite does it by itself; tokenizers and templates are left out.
 */
export async function firstFetch(root: string, entry: string): Promise<number> {
  const built = (await build({
    root,
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      rolldownOptions: { input: entry, preserveEntrySignatures: "strict", external: /^@huggingface\// },
    },
  })) as Rolldown.RolldownOutput;
  const chunks = built.output.filter((file) => file.type === "chunk");
  const files = new Map(chunks.map((chunk) => [chunk.fileName, chunk]));
  const first = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of first) for (const name of imports) if (files.has(name)) first.add(files.get(name)!);
  return [...first].reduce((bytes, { code }) => bytes + gzipSync(code, { level: 9 }).length, 0);
}
