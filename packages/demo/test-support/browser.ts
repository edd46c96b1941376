import { launchBrowser, type WebGpuBrowser } from "@alambic/testing/browser";
import type { Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, inject } from "vitest";

export interface Visit {
  /** What follows the address, such as `?lang=fr`. */
  readonly query?: string;
  /** The language the browser asks for. */
  readonly locale?: string;
  readonly theme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  /** What the device says of motion. */
  readonly motion?: "reduce" | "no-preference";
  /** `block` where what the page asks for has to pass through `page.route`. */
  readonly serviceWorkers?: "block";
  /** Runs in the page before any script of its own. */
  readonly before?: () => void;
}

let running: WebGpuBrowser;

/** Starts one browser for a test file and ends it. Each page reports errors that nobody caught: a test fails on them. */
export function useBrowser(): { readonly visit: (visit?: Visit) => Promise<Page> } {
  const uncaught: string[] = [];
  beforeAll(async () => {
    running = await launchBrowser();
    console.info(`tests run in: ${running.description}`);
  });
  afterEach(() => {
    expect(uncaught.splice(0), "errors that the page did not catch").toEqual([]);
  });
  afterAll(() => running?.browser.close());
  return {
    async visit({
      query = "",
      locale = "en-GB",
      theme = "light",
      width = 1280,
      height = 800,
      motion,
      serviceWorkers,
      before,
    } = {}) {
      const context = await running.browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        locale,
        ...(serviceWorkers && { serviceWorkers }),
        ...(motion && { reducedMotion: motion }),
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => uncaught.push(error.message));
      if (before) await page.addInitScript(before);
      await page.goto(inject("site") + query);
      await page.locator("alambic-app").waitFor();
      return page;
    },
  };
}

/** The text that is to be seen. Of a component, name the element inside: a host has no text of its own. */
export function shown(locator: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: what is hidden must not count
  return locator.innerText();
}
