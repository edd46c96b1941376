import { defineConfig } from "vite";

// The core runs in a browser too, so nothing but the command line may import from Node.
export default defineConfig({
  build: {
    target: "es2023",
    minify: false,
    sourcemap: true,
    lib: {
      entry: [
        "src/index.ts",
        "src/cli/index.ts",
        "src/peers/onnx-runtime-process.ts",
        "src/peers/node-llama-cpp-process.ts",
      ],
      formats: ["es"],
    },
    rolldownOptions: {
      // What starts a browser is a source of this repository that nothing else builds, so it is taken in.
      external: [/^node:/, /^@alambic\/(?!testing)/, "d3-scale", "playwright-core", "@sparticuz/chromium"],
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
});
