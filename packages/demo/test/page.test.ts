import { readdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, inject, test } from "vitest";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();
const models = fileURLToPath(new URL("../../../models", import.meta.url));

const heading = (page: Page) => shown(page.getByRole("heading", { level: 1 }));

describe("languages", () => {
  test("a French browser gets French, any other English", async () => {
    const french = await visit({ locale: "fr-FR" });
    expect(await heading(french)).toBe("Deux modèles, une même question");
    expect(await french.locator("html").getAttribute("lang")).toBe("fr");
    const german = await visit({ locale: "de-DE" });
    expect(await heading(german)).toBe("Two models, one prompt");
  });

  test("the switch changes every text at once, and the address remembers it", async () => {
    const page = await visit();
    await page.getByRole("link", { name: "FR", exact: true }).click();
    await page.getByRole("heading", { name: "Deux modèles, une même question" }).waitFor();
    expect(new URL(page.url()).search).toBe("?lang=fr");
    expect(await page.title()).toBe("Alambic\u00a0: un professeur et son élève");
    expect(await shown(page.locator("load-gate button"))).toMatch(/Charger la paire \(167\sMo\)/);
    await page.reload();
    await page.getByRole("heading", { name: "Deux modèles, une même question" }).waitFor();
    expect(await page.getByRole("link", { name: "FR", exact: true }).getAttribute("aria-current")).toBe("true");
  });
});

describe("views", () => {
  test("the address that names no known view opens the race, whose link is the current one", async () => {
    const page = await visit({ query: "?view=nowhere&lang=fr" });
    expect(await heading(page)).toBe("Deux modèles, une même question");
    const current = page.getByRole("navigation", { name: "Vues" }).locator("[aria-current=page]");
    expect(await shown(current)).toBe("Course");
    expect(await current.getAttribute("href")).toBe("?lang=fr");
  });

  test("the first stop of the keyboard leads past the header", async () => {
    const page = await visit();
    await page.locator("load-gate button:enabled").waitFor();
    await page.keyboard.press("Tab");
    await page.getByRole("button", { name: "Skip to the content" }).press("Enter");
    await page.keyboard.press("Tab");
    expect(
      await page.getByRole("button", { name: /^Load the pair/ }).evaluate((button) => button.matches(":focus")),
    ).toBe(true);
  });
});

describe("before anything is loaded", () => {
  test("the button says what the pair takes, and nothing of it is fetched", async () => {
    const page = await visit();
    let bytes = 0;
    for (const folder of await readdir(models)) {
      for (const file of await readdir(`${models}/${folder}`)) {
        if (file !== "README.md") bytes += (await stat(`${models}/${folder}/${file}`)).size;
      }
    }
    expect(await shown(page.getByRole("button", { name: /^Load the pair/ }))).toBe(
      `Load the pair (${Math.round(bytes / 1e6)} MB)`,
    );
    const fetched = await page.evaluate(() => performance.getEntriesByType("resource").map(({ name }) => name));
    expect(fetched.filter((url) => url.includes("/models/") || url.includes("worker"))).toEqual([]);
  });

  test("the scripts of the first view stay under 200 KB, before compression", async () => {
    const page = await visit({ locale: "fr" });
    await page.waitForLoadState("networkidle");
    const sizes = await page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name }) => name.endsWith(".js"))
        .map(({ decodedBodySize }) => decodedBodySize),
    );
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(200_000);
  });

  test("a software adapter is said to be one", async () => {
    const page = await visit();
    const software = await page.evaluate(async () => (await navigator.gpu.requestAdapter())!.info.isFallbackAdapter);
    await page.getByRole("button", { name: /^Load the pair/ }).waitFor();
    expect(await shown(page.locator("status-bar footer"))).toMatch(software ? /software, slow/ : /GPU/);
    expect(await page.getByText("There is only a software adapter here").isVisible()).toBe(software);
  });
});

describe("without WebGPU", () => {
  const remove = () => {
    const found = Object.getOwnPropertyDescriptor(Navigator.prototype, "gpu")!;
    Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined, configurable: true });
    Object.assign(globalThis, { restore: () => Object.defineProperty(Navigator.prototype, "gpu", found) });
  };

  test("the page says which browsers have it and what to enable, and goes on once it is there", async () => {
    const page = await visit({ before: remove });
    const message = page.getByRole("alert");
    expect(await shown(message)).toContain("This browser has no WebGPU");
    expect(await shown(message)).toMatch(/Chrome and Edge 113[\s\S]*Safari 26[\s\S]*Firefox 141/);
    expect(await shown(message)).toContain("chrome://flags/#enable-unsafe-webgpu");
    expect(await page.getByRole("button", { name: /^Load/ }).count()).toBe(0);
    await page.evaluate(() => (globalThis as unknown as { restore: () => void }).restore());
    await page.getByRole("button", { name: "Check again" }).click();
    await page.getByRole("button", { name: /^Load the pair/ }).waitFor();
  });

  test("says so in French", async () => {
    const page = await visit({ before: remove, query: "?lang=fr" });
    expect(await shown(page.getByRole("alert"))).toContain("Ce navigateur n’a pas WebGPU");
  });

  test("no GPU behind it is another matter", async () => {
    const page = await visit({
      before: () => {
        GPU.prototype.requestAdapter = async () => null;
      },
    });
    expect(await shown(page.getByRole("alert"))).toMatch(/WebGPU found no GPU[\s\S]*chrome:\/\/gpu/);
  });
});

describe("themes", () => {
  const background = (page: Page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);

  test("the device's is followed until one is chosen, and the choice lasts", async () => {
    const page = await visit({ theme: "dark" });
    expect(await background(page)).toBe("rgb(23, 22, 19)");
    await page.getByLabel("Theme").selectOption("light");
    expect(await background(page)).toBe("rgb(251, 250, 247)");
    await page.reload();
    expect(await background(page)).toBe("rgb(251, 250, 247)");
  });
});

describe.each(["light", "dark"] as const)("axe has no findings in the %s theme", (theme) => {
  test.each([
    { what: "the first view", width: 1280, before: () => {} },
    { what: "the first view on a phone", width: 390, before: () => {} },
    { what: "the missing WebGPU", width: 1280, before: () => void Reflect.deleteProperty(Navigator.prototype, "gpu") },
  ])("$what", async ({ width, before }) => {
    const page = await visit({ theme, width, before, query: "?lang=fr" });
    await page.locator("load-gate button:enabled, missing-webgpu section").first().waitFor();
    for (const summary of await page.locator("summary").all()) await summary.click();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});

test("the built page works from below any path", async () => {
  const html = await (await fetch(inject("site"))).text();
  expect(html).not.toMatch(/(src|href)="\//);
});
