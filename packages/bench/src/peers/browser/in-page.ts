import { launchBrowser } from "@alambic/testing/browser";
import type { Page } from "playwright-core";
import { type PeerTask, timeoutOf } from "../peer.js";
import { type Mounts, servePage } from "./serve.js";

/** Where the page's own scripts were built. */
export const PAGE_SCRIPTS = "/page/";

export interface PageOptions {
  readonly mounts: Mounts;
  /** Bare names of the page's imports, by the path that serves them. */
  readonly imports?: Readonly<Record<string, string>>;
}

export interface InPage {
  readonly page: Page;
  /** `Chromium 143.0.7499.0` */
  readonly runtime: string;
  /** `google swiftshader (software)` */
  readonly adapter: string;
}

/** Opens a browser of its own on an empty page, and ends it afterwards, or when it takes too long. */
export async function inPage<T>(task: PeerTask, options: PageOptions, use: (inside: InPage) => Promise<T>): Promise<T> {
  const map = JSON.stringify({ imports: options.imports ?? {} });
  const html = `<!doctype html><title>bench</title><script type="importmap">${map}</script>`;
  const served = await servePage(html, options.mounts);
  const { browser, description } = await launchBrowser();
  const seconds = timeoutOf(task);
  let ended = "the browser ended";
  const end = (why: string) => {
    ended = why;
    void browser.close();
  };
  const stop = () => end("stopped");
  const timer = setTimeout(() => end(`it took longer than ${seconds} s`), 1000 * seconds);
  task.signal.addEventListener("abort", stop, { once: true });
  try {
    const page = await browser.newPage();
    const uncaught: string[] = [];
    page.on("pageerror", ({ message }) => uncaught.push(message));
    await page.goto(served.url);
    const [runtime = "", adapter = ""] = description.split(" on ");
    return await use({ page, runtime, adapter }).catch((error: Error) => {
      throw new Error([browser.isConnected() ? firstLine(error.message) : ended, ...uncaught].join("; "));
    });
  } finally {
    clearTimeout(timer);
    task.signal.removeEventListener("abort", stop);
    await browser.close();
    served.close();
  }
}

/** Playwright's messages go on about its own calls. */
function firstLine(message: string): string {
  return message.split("\n", 1)[0]!.replace(/^page\.evaluate: (Error: )?/, "");
}
