import { readFileSync } from "node:fs";
import { type BenchReport, parseReport } from "@alambic/bench";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";
import { expectSmooth, mainThreadDuring } from "../test-support/main-thread.js";

const { visit } = useBrowser();

/** Only a small model, and little of it: what is tested is the page. */
async function choose(page: Page, model = "synthetic-15m"): Promise<void> {
  await page.getByRole("button", { name: /^(None|Aucun)$/ }).press("Enter");
  await page.getByRole("checkbox", { name: new RegExp(`^${model}`) }).press("Space");
  for (const [name, value] of Object.entries({ prompt: "8", generate: "2", repetitions: "2" })) {
    await page.locator(`input[name=${name}]`).fill(value);
  }
}

const start = (page: Page) => page.getByRole("button", { name: /^(Measure|Mesurer)$/ }).press("Enter");
const status = (page: Page) => page.locator("alambic-bench [role=status]").first();
const marks = (page: Page) => page.locator("bench-plot svg g:has(> title)");

async function saved(page: Page, format: string): Promise<string> {
  const download = page.waitForEvent("download");
  await page.getByRole("button", { name: `Save as ${format}` }).press("Enter");
  return readFileSync(await (await download).path(), "utf8");
}

let measured: BenchReport;

async function overlay(page: Page, text: string): Promise<void> {
  await page.locator("bench-overlay textarea").fill(text);
  await page.locator("bench-overlay button").first().press("Enter");
}

test("a run draws its points, keeps the page free, and can be taken along", async () => {
  const page = await visit({ query: "?view=bench" });
  await choose(page);
  const busy = await mainThreadDuring(page, async () => {
    await start(page);
    await page.getByRole("button", { name: "Stop", exact: true }).waitFor();
    await marks(page).first().waitFor(); // before the end: pp8 is done, tg2 is not
    await page.getByText("Measured: 2 rows.").waitFor();
  });
  expect(await marks(page).count()).toBe(2);
  expect(await page.locator("bench-plot svg > line[stroke-dasharray]").count()).toBe(2);
  expectSmooth("bench", busy);

  measured = parseReport(await saved(page, "JSON"), "saved");
  expect(measured.rows.map(({ model, kind, tokens }) => `${model} ${kind}${tokens}`)).toEqual([
    "synthetic-15m pp8",
    "synthetic-15m tg2",
  ]);
  expect(measured.runtime).toMatch(/Chrom/);
  const table = await shown(page.locator("bench-results table"));
  expect(table).toMatch(/synthetic-15m\s+pp8/);
  expect(table).toMatch(/% of the reads/);
  expect(await shown(page.locator("bench-results p").first())).toContain(measured.adapter.name);
  expect(await saved(page, "CSV")).toContain(measured.adapter.name);
  expect(await saved(page, "SVG")).toMatch(/^<svg /);
  expect(await saved(page, "Markdown")).toContain("| synthetic-15m");

  await page.evaluate(() => {
    navigator.clipboard.writeText = async (text) => void Object.assign(globalThis, { copied: text });
  });
  await page.getByRole("button", { name: "Copy as a post" }).press("Enter");
  await page.getByText("Copied.").waitFor();
  const post = await page.evaluate(() => (globalThis as unknown as { copied: string }).copied);
  expect(parseReport(post, "post")).toEqual(measured);
});

describe("results of others", () => {
  const other = () => ({
    ...measured,
    adapter: { ...measured.adapter, name: "Other <b>GPU</b>", kind: "gpu" as const },
  });

  test("are drawn beside, taken out again, and refused where they are none", async () => {
    const page = await visit({ query: "?view=bench&lang=fr" });
    await overlay(page, "{}");
    await page.getByText(/^Non ajouté.*Le texte collé n’est pas un résultat/).waitFor();
    await overlay(page, JSON.stringify(other()));
    await page.getByText("Other <b>GPU</b> est dans le graphique.").waitFor();
    expect(await page.locator("bench-plot svg").textContent()).toContain("Other <b>GPU</b>");
    expect(await page.locator("bench-plot b").count()).toBe(0);
    expect(await marks(page).count()).toBe(2);
    expect(await page.locator("bench-plot svg").textContent()).toContain("Tokens par seconde selon les paramètres");
    await page.getByRole("button", { name: /^Retirer Other/ }).press("Enter");
    await marks(page).first().waitFor({ state: "detached" });
  });

  test.each([
    { theme: "light", width: 1280 },
    { theme: "dark", width: 390 },
  ] as const)("axe has no findings, $theme, $width pixels wide", async ({ theme, width }) => {
    const page = await visit({ query: "?view=bench&lang=fr", theme, width });
    await page.locator("bench-form form").waitFor();
    await overlay(page, JSON.stringify(other()));
    await marks(page).first().waitFor();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/bench-${width}.png`, fullPage: true });
  });
});

test("a run is stopped, and what makes no sense is not started", async () => {
  const page = await visit({ query: "?view=bench" });
  await choose(page);
  await page.locator("input[name=repetitions]").fill("0");
  await start(page);
  await page.getByText("Each of the fields must hold a number").waitFor();
  await page.locator("input[name=repetitions]").fill("20");
  await page.locator("input[name=depth]").fill("4");
  await start(page);
  await marks(page).first().waitFor();
  await page.getByRole("button", { name: "Stop", exact: true }).press("Enter");
  await page.getByText("Stopped. What was measured until then is kept.").waitFor();
  expect(await marks(page).count()).toBe(1);
  expect(await shown(page.locator("bench-results ul"))).toContain("Left out: synthetic-15m, tg2 @ d4: stopped before");
  expect(await shown(status(page))).toContain("Stopped");
});

test("without WebGPU the plot is still there for the results of others", async () => {
  const page = await visit({
    query: "?view=bench",
    before: () => Object.defineProperty(Navigator.prototype, "gpu", { get: () => undefined }),
  });
  await page.getByRole("alert").waitFor();
  expect(await page.locator("bench-form").count()).toBe(0);
  await overlay(page, JSON.stringify(measured));
  await marks(page).first().waitFor();
});
