import { fileURLToPath } from "node:url";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** Where the built page is served. */
    site: string;
  }
}

const root = fileURLToPath(new URL("..", import.meta.url));

export default async function serveSite(project: TestProject): Promise<() => Promise<void>> {
  // Vitest runs with NODE_ENV=test, in which Lit would be bundled in its development form.
  process.env.NODE_ENV = "production";
  await build({ root, logLevel: "warn" });
  const server = await preview({ root, logLevel: "warn", preview: { port: 0, host: "localhost" } });
  project.provide("site", server.resolvedUrls!.local[0]!);
  return () => server.close();
}
