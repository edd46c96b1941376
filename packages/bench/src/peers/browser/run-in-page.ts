import { fileURLToPath } from "node:url";
import type { PeerTask } from "../peer.js";
import { type PeerLine, readPeerLine } from "../rows.js";
import type { PeerRequest } from "../run-tests.js";
import { type InPage, inPage, PAGE_SCRIPTS, type PageOptions } from "./in-page.js";

/** Seen from `dist/peers/browser`, where this runs: the page's scripts are built, each into one file. */
export const SCRIPTS = fileURLToPath(new URL("../../page", import.meta.url));

export interface RunInPage extends PageOptions {
  /** Of the page's scripts, the one that runs this peer: its default export takes the request. */
  readonly script: string;
  readonly request: PeerRequest;
}

/** Runs a peer in a browser of its own and reads its lines. */
export function runInPage(
  { script, request, mounts, imports = {} }: RunInPage,
  task: PeerTask,
): Promise<{ readonly lines: readonly PeerLine[] } & Pick<InPage, "runtime" | "adapter">> {
  return inPage(task, { mounts: { ...mounts, [PAGE_SCRIPTS]: SCRIPTS }, imports }, async ({ page, ...about }) => {
    const lines: PeerLine[] = [];
    await page.exposeFunction("tellBench", (line: string) => void lines.push(readPeerLine(line)));
    await page.evaluate(
      async ([address, asked]) => {
        const { default: run } = await import(address);
        await run(asked, (line: unknown) =>
          (globalThis as unknown as { tellBench(line: string): Promise<void> }).tellBench(JSON.stringify(line)),
        );
      },
      [`${PAGE_SCRIPTS}${script}.js`, request] as const,
    );
    return { lines, ...about };
  });
}
