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
  try {
    const { browser, description } = await launchBrowser();
    const [runtime = "", adapter = ""] = description.split(" on ");
    const end = endOf(task);
    end.promise.catch(() => browser.close());
    try {
      const page = await browser.newPage();
      const uncaught: string[] = [];
      page.on("pageerror", ({ message }) => uncaught.push(message));
      page.on("crash", () => uncaught.push("the page crashed"));
      browser.on("disconnected", () => uncaught.push("the browser ended"));
      await page.goto(served.url);
      const used = use({ page, runtime, adapter }).catch((error: Error) => {
        throw new Error([firstLine(error.message), ...uncaught].join("; "));
      });
      return await Promise.race([used, end.promise]);
    } finally {
      end.clear();
      await browser.close();
    }
  } finally {
    served.close();
  }
}

/** Rejects when the task is stopped or takes too long. */
function endOf(task: PeerTask): { readonly promise: Promise<never>; clear(): void } {
  const seconds = timeoutOf(task);
  let clear = () => {};
  const promise = new Promise<never>((_, reject) => {
    const stop = () => reject(new Error("stopped"));
    if (task.signal.aborted) stop();
    const timer = setTimeout(() => reject(new Error(`it took longer than ${seconds} s`)), 1000 * seconds);
    task.signal.addEventListener("abort", stop, { once: true });
    clear = () => {
      clearTimeout(timer);
      task.signal.removeEventListener("abort", stop);
    };
  });
  return { promise, clear };
}

/** Playwright's messages go on about its own calls. */
function firstLine(message: string): string {
  return message.split("\n", 1)[0]!.replace(/^page\.evaluate: (Error: )?/, "");
}
