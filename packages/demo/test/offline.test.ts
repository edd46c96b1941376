import type { Page } from "playwright-core";
import { expect, inject, test } from "vitest";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();
const LOAD = { name: /^Load the pair/ };

/** Bytes of models that came over the network, past the service worker. */
async function fetchedDuring(page: Page, action: () => Promise<void>): Promise<number> {
  let bytes = 0;
  const count = async (response: {
    url(): string;
    fromServiceWorker(): boolean;
    headers(): Record<string, string>;
  }) => {
    if (response.url().includes("/models/") && !response.fromServiceWorker())
      bytes += Number(response.headers()["content-length"] ?? 0);
  };
  page.context().on("response", count);
  await action();
  page.context().off("response", count);
  return bytes;
}

test("after one visit the page and the pair need no network", async () => {
  const page = await visit();
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    while (!navigator.serviceWorker.controller) await new Promise((resolve) => setTimeout(resolve, 20));
  });
  const first = await fetchedDuring(page, async () => {
    await page.getByRole("button", LOAD).press("Enter");
    await page.getByLabel("Your prompt").waitFor({ timeout: 240_000 });
  });
  expect(first, "the whole pair").toBeGreaterThan(160e6);
  // What came last may still be on its way to the disk.
  await expect
    .poll(() => page.evaluate(async () => (await caches.keys()).filter((name) => name.startsWith("models-")).length))
    .toBe(1);

  await page.context().setOffline(true);
  await page.goto(`${inject("site")}?view=duel`);
  await page.getByRole("heading", { name: "Blind duel" }).waitFor();
  await page.getByRole("link", { name: "Inside" }).press("Enter");
  await page.locator("parameter-map .picture button").first().waitFor();
  await page.getByRole("link", { name: "Race" }).press("Enter");
  const second = await fetchedDuring(page, async () => {
    await page.getByRole("button", LOAD).press("Enter");
    await page.getByLabel("Your prompt").waitFor({ timeout: 240_000 });
  });
  expect(second).toBe(0);
  await page.getByRole("button", { name: "Settings" }).press("Enter");
  await page.getByLabel("Length").fill("3");
  await page.getByLabel("Length").press("Tab");
  await page.keyboard.press("Escape");
  await page.getByLabel("Your prompt").fill("What is the capital of France?");
  await page.keyboard.press("Enter");
  await page.locator("model-answer[of=teacher] article[aria-busy=false]").waitFor({ timeout: 240_000 });
  expect(await shown(page.locator("model-answer[of=teacher] .text"))).toMatch(/^The capital/);
}, 600_000);

test("the page can be installed: its manifest and icon are there", async () => {
  const page = await visit();
  const manifest = await page.evaluate(async () => {
    const { href } = document.querySelector<HTMLLinkElement>("link[rel=manifest]")!;
    const found = await (await fetch(href)).json();
    const icon = await fetch(new URL(found.icons[0].src, href));
    return { ...found, icon: icon.headers.get("content-type") };
  });
  expect(manifest).toMatchObject({ name: "Alambic", display: "standalone", start_url: "./" });
  expect(manifest.icon).toContain("image/svg+xml");
});
