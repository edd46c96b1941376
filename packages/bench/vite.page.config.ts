import { defineConfig } from "vite";

// What runs on a page beside other engines, with all that it imports: a page has no packages to look into.
export default defineConfig({
  build: {
    target: "es2023",
    outDir: "dist/page",
    minify: false,
    lib: {
      entry: ["ours", "transformers-js", "wllama"].map((name) => `src/peers/page/${name}.ts`),
      formats: ["es"],
    },
    // The other engines are served beside it.
    rolldownOptions: {
      external: [/^node:/, /^\/npm\//, "@huggingface/transformers"],
      output: { entryFileNames: "[name].js" },
    },
  },
});
