import { defineConfig } from "vite";

// The core runs in a browser too, so nothing but the command line may import from Node.
export default defineConfig({
  build: {
    target: "es2023",
    minify: false,
    sourcemap: true,
    lib: { entry: ["src/index.ts", "src/cli/index.ts", "src/peers/onnx-runtime-process.ts"], formats: ["es"] },
    rolldownOptions: {
      external: [/^node:/, /^@alambic\//, "d3-scale"],
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
});
