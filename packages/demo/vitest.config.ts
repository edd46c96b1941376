import { defineConfig } from "vitest/config";
import { embeddedPair } from "./build/embedded-pair.js";

export default defineConfig({
  plugins: [embeddedPair()],
  resolve: { conditions: ["alambic-source", "node"] },
  ssr: { resolve: { conditions: ["alambic-source", "node"] } },
  test: {
    include: ["src/**/*.test.ts", "build/**/*.test.ts", "test/**/*.test.ts"],
    // Builds the page and serves it once for all files: what is tested is what is deployed.
    globalSetup: ["test-support/site.ts"],
    pool: "forks",
    // A browser on a software adapter already uses every core.
    maxWorkers: 1,
    // Two cores that also stand in for the GPU now and then keep a page waiting for longer than a test does.
    retry: process.env.CI ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
