import { readFile } from "node:fs/promises";
import type { Plugin } from "vite";

const RAW_WGSL = /\.wgsl\?raw$/;

/** Leaves comments and indentation out of the WGSL that goes into the package: a third of an app's kernels. */
export function shortWgsl(): Plugin {
  return {
    name: "alambic:short-wgsl",
    enforce: "pre",
    async load(id) {
      if (!RAW_WGSL.test(id)) return undefined;
      return `export default ${JSON.stringify(shortened(await readFile(id.replace(/\?raw$/, ""), "utf8")))};`;
    },
  };
}

/**
 * The same tokens in as many lines as have any. WGSL has no strings, so `//` is a comment wherever it stands.
 *
 * @throws where there is a block comment, which may be nested: none of ours has one.
 */
export function shortened(wgsl: string): string {
  if (wgsl.includes("/*")) throw new Error("A block comment stands in the WGSL. Write // before each of its lines.");
  const lines = wgsl.split("\n").map((line) => line.replace(/\/\/.*/, "").trim());
  return lines.filter((line) => line !== "").join("\n");
}
