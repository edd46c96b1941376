import { type Browser, chromium, type Page } from "playwright-core";
import { installedChrome } from "./installed-chrome.js";
import { mayHaveGpu } from "./may-have-gpu.js";
import { chromiumFromNpm } from "./npm-chromium.js";

/** A running headless browser in which `navigator.gpu` gives an adapter. Close `browser` when done. */
export interface WebGpuBrowser {
  readonly browser: Browser;
  /** Browser and adapter in one line: print it, so that a report says what it ran on. */
  readonly description: string;
  readonly adapter: "gpu" | "software";
}

interface Executable {
  readonly executablePath: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Starts a headless Chrome with WebGPU. An installed Chrome or Chromium is used where there is one (`CHROME_PATH` is
 * respected), else the Chromium from npm; the machine's GPU where it answers, else SwiftShader. `CHROME_FLAGS` adds
 * flags, separated by spaces.
 *
 * @throws when no browser can be found, or when none of the ways of starting it gives an adapter.
 */
export async function launchBrowser(): Promise<WebGpuBrowser> {
  const { executablePath, env } = findExecutable();
  for (const flags of waysToStart()) {
    const browser = await chromium.launch({
      executablePath,
      env: { ...(process.env as Record<string, string>), ...env },
      args: [...QUIET_FLAGS, "--enable-unsafe-webgpu", ...flags, ...extraFlags()],
    });
    const found = await findAdapter(browser);
    if (found) {
      const adapter = found.software ? "software" : "gpu";
      return { browser, description: `Chromium ${browser.version()} on ${found.name} (${adapter})`, adapter };
    }
    await browser.close();
  }
  throw new Error(
    `${executablePath} gives no WebGPU adapter, not even a software one. Name another browser in CHROME_PATH, or add flags in CHROME_FLAGS.`,
  );
}

const QUIET_FLAGS = [
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
];

const SOFTWARE = ["--use-webgpu-adapter=swiftshader"];
// On Linux Chrome reaches a GPU for WebGPU through Vulkan only when told to.
const HARDWARE = process.platform === "linux" ? ["--enable-features=Vulkan", "--ignore-gpu-blocklist"] : [];

function waysToStart(): readonly (readonly string[])[] {
  return mayHaveGpu() ? [HARDWARE, SOFTWARE] : [SOFTWARE];
}

function extraFlags(): string[] {
  return (process.env.CHROME_FLAGS ?? "").split(/\s+/).filter(Boolean);
}

function findExecutable(): Executable {
  const executablePath = installedChrome();
  if (executablePath) return { executablePath, env: {} };
  const fromNpm = chromiumFromNpm();
  if (fromNpm) return fromNpm;
  throw new Error(
    `No Chrome or Chromium was found, and the one from npm is built for Linux on x86-64 only (this is ${process.platform} on ${process.arch}). Install Chrome, or name a browser in CHROME_PATH.`,
  );
}

/** What `requestAdapter` gives on a page of localhost: WebGPU is hidden from pages that are no secure context. */
async function findAdapter(browser: Browser): Promise<{ name: string; software: boolean } | undefined> {
  const page = await openBlankPage(browser);
  try {
    return await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter();
      if (!adapter) return undefined;
      const { device, description, vendor, architecture, isFallbackAdapter } = adapter.info;
      const name = device || description || [vendor, architecture].filter(Boolean).join(" ") || "unnamed adapter";
      return {
        name,
        software: isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${name} ${description}`),
      };
    });
  } finally {
    await page.close();
  }
}

/** An empty page at `http://localhost/`, where nothing listens: enough for a test that brings its own code. */
export async function openBlankPage(browser: Browser): Promise<Page> {
  const page = await browser.newPage();
  await page.route("http://localhost/", (route) =>
    route.fulfill({ contentType: "text/html", body: "<!doctype html>" }),
  );
  await page.goto("http://localhost/");
  return page;
}
