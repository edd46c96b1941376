import { defineConfig } from "vite";

// One module in dist for each module in src, so that an app bundles only what it uses. Other packages stay imports.
export default defineConfig({
  build: {
    target: "es2023",
    minify: false,
    sourcemap: true,
    lib: { entry: ["src/index.ts", "src/worker.ts", "src/graph/index.ts", "src/cli/index.ts"], formats: ["es"] },
    rolldownOptions: {
      external: [/^node:/, /^@alambic\//, /^@huggingface\//, /^@noble\//, "comlink", /^#/],
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
});
