import { defineConfig } from "vite";
import { shortWgsl } from "./build/short-wgsl.js";

// One module in dist for each module in src, so that an app bundles only the kernels it uses. `?raw` inlines the WGSL.
export default defineConfig({
  plugins: [shortWgsl()],
  build: {
    target: "es2023",
    minify: false,
    sourcemap: true,
    lib: {
      entry: ["src/index.ts", "src/gpu/errors.ts", "src/gpu/provider-node.ts", "src/gpu/provider-browser.ts"],
      formats: ["es"],
    },
    rolldownOptions: {
      external: [/^node:/, "webgpu", "@sparticuz/chromium", /^#/],
      output: { preserveModules: true, preserveModulesRoot: "src", entryFileNames: "[name].js" },
    },
  },
});
