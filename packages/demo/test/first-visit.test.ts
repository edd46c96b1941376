import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { Recording } from "../src/race/replay.js";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();

const recording = (name: string): Recording =>
  JSON.parse(readFileSync(new URL(`../src/race/recorded/${name}.json`, import.meta.url), "utf8"));
const poem = recording("poem");
const textOf = ({ answers }: Recording, role: "teacher" | "student") => answers[role].pieces.join("");

const run = (page: Page) => page.locator("recorded-run section");
const text = (page: Page, role: string) => page.locator(`recorded-run model-answer[of=${role}] .text`);
const button = (page: Page, name: string) => page.locator("recorded-run").getByRole("button", { name, exact: true });

describe("a run that was recorded plays before anything is loaded", () => {
  test("to the texts, times and figures that were recorded, and says what it was recorded on", async () => {
    const page = await visit();
    await run(page).scrollIntoViewIfNeeded();
    await text(page, "teacher").waitFor();
    const began = Date.now();
    const { at, pieces } = poem.answers.teacher;
    const half = pieces.slice(0, Math.floor(pieces.length / 2)).join("");
    await expect.poll(() => shown(text(page, "teacher")), { timeout: 30_000, interval: 50 }).toContain(half.trimEnd());
    // Never sooner than it came: the first piece was there when the clock was started here.
    expect(Date.now() - began).toBeGreaterThan(at[Math.floor(pieces.length / 2)]! - at[0]! - 1000);
    expect(await shown(text(page, "teacher"))).not.toBe(textOf(poem, "teacher"));

    await button(page, "Play again").waitFor({ timeout: 60_000 });
    for (const role of ["teacher", "student"] as const) {
      expect(await shown(text(page, role))).toBe(textOf(poem, role).trim());
      const figures = await shown(page.locator(`recorded-run model-answer[of=${role}] token-rate dl`));
      const { rate, alone, usage, bytesPerToken } = poem.answers[role];
      expect(figures).toMatch(new RegExp(`mean\\s+${rate.toFixed(2)}\\s+tokens/s shared`));
      expect(figures).toMatch(new RegExp(`on its own\\s+${Number(alone.toPrecision(3))}`));
      expect(figures).toContain(`${usage.completionTokens} tokens`);
      expect(figures).toContain(`${Math.round(bytesPerToken / 1e6)} MB`);
    }
    const said = await shown(run(page));
    expect(said).toContain("Recorded run");
    expect(said).toContain(`on ${poem.adapter.name}, a software adapter`);
    expect(said).toMatch(/Recorded on \w+ \d+, \d{4} with Alambic \d/);
  });

  test("can be halted, goes on where it was, and can be seen again", async () => {
    const page = await visit();
    await run(page).scrollIntoViewIfNeeded();
    await text(page, "teacher").waitFor();
    await button(page, "Pause").press("Enter");
    const halted = await shown(text(page, "teacher"));
    await page.waitForTimeout(700);
    expect(await shown(text(page, "teacher"))).toBe(halted);
    expect(halted.length).toBeLessThan(textOf(poem, "teacher").length);
    await button(page, "Play").press("Enter");
    await expect.poll(async () => (await shown(text(page, "teacher"))).length).toBeGreaterThan(halted.length);
    await button(page, "Play again").waitFor({ timeout: 60_000 });
    await button(page, "Play again").press("Enter");
    await button(page, "Pause").waitFor();
    expect(await text(page, "teacher").count()).toBe(0);
  });

  test("finished at once and still, where the device asks for no motion", async () => {
    const page = await visit({ motion: "reduce", locale: "fr" });
    await button(page, "Revoir").waitFor();
    expect(await shown(text(page, "student"))).toBe(textOf(poem, "student").trim());
    expect(await shown(run(page))).toMatch(/Enregistré le \d+ \S+ \d{4} avec Alambic/);
    expect(await shown(run(page))).toContain("Écrivez un poème de quatre vers sur la mer.");
  });

  test("any of the starting prompts can be chosen, and its Markdown is drawn", async () => {
    const page = await visit({ motion: "reduce" });
    await page.getByLabel("Prompt of the recorded run").selectOption({ label: recording("code").prompt });
    await page.locator("recorded-run answer-text pre").first().waitFor();
    await expect.poll(() => new URL(page.url()).search).toBe("?recorded=code");
    await page.reload();
    expect(await shown(page.locator("recorded-run model-answer[of=teacher] pre"))).toContain("def reverse_string");
  });

  test("tells screen readers nothing by itself", async () => {
    const page = await visit();
    await page.evaluate(() => {
      const heard: string[] = [];
      const listen = (root: Document | ShadowRoot) => {
        for (const element of root.querySelectorAll("*")) {
          if (element.matches("[role=status], [role=alert], [aria-live]"))
            new MutationObserver(() => heard.push(element.textContent ?? "")).observe(element, {
              subtree: true,
              childList: true,
              characterData: true,
            });
          if (element.shadowRoot) listen(element.shadowRoot);
        }
      };
      listen(document);
      Object.assign(globalThis, { heard });
    });
    await run(page).scrollIntoViewIfNeeded();
    await text(page, "teacher").waitFor();
    await page.waitForTimeout(1500);
    expect(await page.evaluate(() => (globalThis as unknown as { heard: string[] }).heard)).toEqual([]);
    expect(await page.locator("recorded-run").getByRole("status").count()).toBe(0);
  });

  test("on a phone its columns are tabs, with both speeds to be seen", async () => {
    const page = await visit({ width: 390, height: 844, motion: "reduce" });
    const tabs = page.locator("recorded-run").getByRole("tab");
    await tabs.first().waitFor();
    for (const tab of await tabs.all()) expect(await shown(tab)).toMatch(/[\d.]+ tokens\/s/);
    await tabs.first().press("ArrowRight");
    await text(page, "student").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await expectAccessible(page);
  });
});

test("without WebGPU the message comes first, and the recorded run is there all the same", async () => {
  const page = await visit({
    motion: "reduce",
    before: () => void Reflect.deleteProperty(Navigator.prototype, "gpu"),
  });
  await page.getByRole("alert").waitFor();
  await run(page).waitFor();
  const [message, played] = await Promise.all([page.getByRole("alert").boundingBox(), run(page).boundingBox()]);
  expect(message!.y).toBeLessThan(played!.y);
  expect(await shown(text(page, "teacher"))).toBe(textOf(poem, "teacher").trim());
  await expectAccessible(page);
});

test.each([1280, 390])("nothing that is read moves while the first view comes, %i pixels wide", async (width) => {
  const page = await visit({ width, motion: "reduce" });
  await text(page, "teacher").waitFor();
  await page.waitForLoadState("networkidle");
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        const sum = (entries: readonly PerformanceEntry[]) =>
          entries.reduce((total, entry) => total + (entry as PerformanceEntry & { value: number }).value, 0);
        new PerformanceObserver((list) => resolve(sum(list.getEntries()))).observe({
          type: "layout-shift",
          buffered: true,
        });
        setTimeout(() => resolve(0), 500); // no entry, no call
      }),
  );
  console.info(`layout shift at ${width}: ${shift.toFixed(4)}`);
  expect(shift).toBeLessThan(0.1);
});

test("models from elsewhere are not those that were recorded", async () => {
  const page = await visit({ query: "?teacher=owner/name" });
  await page.locator("load-gate button.primary").waitFor();
  expect(await page.locator("recorded-run").count()).toBe(0);
});

test.each(["light", "dark"] as const)("axe has no findings in the %s theme, while it plays", async (theme) => {
  const page = await visit({ theme, locale: "fr" });
  await run(page).scrollIntoViewIfNeeded();
  await text(page, "teacher").waitFor();
  await expectAccessible(page);
});
