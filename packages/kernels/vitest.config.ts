import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["alambic-source", "node"] },
  ssr: { resolve: { conditions: ["alambic-source", "node"] } },
  test: {
    include: ["{src,build}/**/*.test.ts"],
    pool: "forks",
    // One device a process, and a software adapter already uses every core.
    maxWorkers: 1,
    isolate: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
