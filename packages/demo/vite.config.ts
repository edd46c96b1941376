import { defineConfig } from "vite";
import { embeddedPair } from "./build/embedded-pair.js";
import { offline } from "./build/offline.js";

export default defineConfig({
  // Relative, so that the built folder works from any path of any static host.
  base: "./",
  // One page: a file that is not there is a 404, never the page in its place (the engine asks for files that may be missing).
  appType: "mpa",
  plugins: [embeddedPair(), offline()],
  // The workspace's packages are bundled from their sources; vite adds its own conditions to these.
  resolve: { conditions: ["alambic-source", "module", "browser", "development|production"] },
  worker: { format: "es" },
  build: { target: "es2023", sourcemap: true },
  server: { port: 5173 },
  preview: { port: 4173 },
});
