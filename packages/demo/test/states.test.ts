import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page, Request } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();
const LOAD = { name: /^Load the pair/ };
const PAIR_BYTES = 167e6;
const TINY = fileURLToPath(new URL("../../engine/fixtures/llama-tied", import.meta.url));

/** The service worker has taken charge: from then on it keeps what is fetched. */
async function keptByServiceWorker(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
  });
}

test("a download that is cut is said, and goes on from where it broke off", async () => {
  const page = await visit();
  await keptByServiceWorker(page);
  let fetched = 0;
  page.context().on("response", (response) => {
    if (response.url().includes("/models/") && !response.fromServiceWorker()) fetched += bytesAsked(response.request());
  });
  await page.getByRole("button", LOAD).press("Enter");
  const progress = page.getByRole("progressbar", { name: "Loading the pair" });
  await expect
    .poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value), { timeout: 60_000, interval: 20 })
    .toBeGreaterThan(50e6);
  await page.context().setOffline(true);
  const message = page.getByRole("alert");
  await message.getByText("The files could not be fetched.").waitFor({ timeout: 120_000 });
  expect(await shown(message)).toContain("the load goes on from there");
  await expectAccessible(page);

  await page.context().setOffline(false);
  fetched = 0;
  await message.getByRole("button", { name: "Try again" }).press("Enter");
  await page.getByLabel("Your prompt").waitFor({ timeout: 240_000 });
  console.info(`after the cut ${(fetched / 1e6).toFixed(0)} MB were fetched`);
  expect(fetched, "the whole pair was fetched again").toBeLessThan(PAIR_BYTES - 20e6);
}, 600_000);

test("a browser that keeps too little is said to, and the pair is loaded past what it keeps", async () => {
  const page = await visit({ query: "?lang=en" });
  const session = await page.context().newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(page.url()).origin, quotaSize: 30e6 });
  await page.reload();
  await page.getByText(/^This browser keeps only \d+ MB more for this site/).waitFor();
  await keptByServiceWorker(page);
  await page.getByRole("button", LOAD).press("Enter");
  const progress = page.getByRole("progressbar", { name: "Loading the pair" });
  await expect
    .poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value), { timeout: 60_000 })
    .toBeGreaterThan(60e6);
}, 400_000);

test("a GPU without enough memory is said, with what to do and another choice", async () => {
  const page = await visit({ serviceWorkers: "block" });
  // The engine's own script, on a device that has room for 60 MB.
  await page.route("**/engine.worker-*.js", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `(${deviceOf60MB})();\n${await response.text()}` });
  });
  await page.getByRole("button", LOAD).press("Enter");
  const message = page.getByRole("alert");
  await message.getByText("The GPU has too little free memory for both models.").waitFor({ timeout: 120_000 });
  await message.locator("summary").press("Enter");
  expect(await shown(message.locator("details p"))).toMatch(/The GPU has no room for .*MiB/);
  await message.getByRole("button", { name: "Other models" }).press("Enter");
  await page.getByRole("button", LOAD).waitFor();
}, 400_000);

test("a checkpoint that is not understood is refused with what was found, and the page goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "not-understood-"));
  cpSync(TINY, folder, { recursive: true });
  const config = JSON.parse(readFileSync(join(folder, "config.json"), "utf8"));
  writeFileSync(join(folder, "config.json"), JSON.stringify({ ...config, model_type: "mamba2" }));
  const page = await visit();
  await page.getByText("Other models in their place").press("Enter");
  const chooser = page.locator("model-chooser[of=student]");
  await chooser.locator("input[type=file]").setInputFiles(folder);
  const message = chooser.getByRole("alert");
  await message.waitFor({ timeout: 60_000 });
  expect(await shown(message)).toMatch(/mamba2.*llama/s);
  expect(await page.getByRole("button", LOAD).isEnabled(), "the page's own pair").toBe(true);
  rmSync(folder, { recursive: true });
});

test("an address that hides WebGPU is told from a browser that has none", async () => {
  const page = await visit({
    before: () => {
      Reflect.deleteProperty(Navigator.prototype, "gpu");
      Object.defineProperty(globalThis, "isSecureContext", { value: false });
    },
  });
  expect(await shown(page.getByRole("alert"))).toMatch(/This address hides WebGPU[\s\S]*https:\/\//);
});

/** By its range: what a server says of a single byte may be wrong. */
function bytesAsked(request: Request): number {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers().range ?? "") ?? [];
  return first === undefined ? 0 : Number(last) - Number(first) + 1;
}

/** Runs in the engine's worker, before it: allocations beyond 60 MB fail as the GPU's would. */
function deviceOf60MB(): void {
  let bytes = 0;
  const { createBuffer, popErrorScope } = GPUDevice.prototype;
  GPUDevice.prototype.createBuffer = function (descriptor) {
    bytes += descriptor.size;
    return createBuffer.call(this, descriptor);
  };
  GPUDevice.prototype.popErrorScope = async function () {
    const error = await popErrorScope.call(this);
    return bytes > 60e6 ? new GPUOutOfMemoryError("no room") : error;
  };
}
