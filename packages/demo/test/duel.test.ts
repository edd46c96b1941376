import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeDuel } from "../src/duel/share.js";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();

const PROMPT = "What is the capital of France?";
const NAMES = ["SmolLM2-135M-Instruct", "SmolLM2-81M student"];
const CHECKPOINTS = ["smollm2-135m-instruct", "smollm2-81m-student"];

const answers = (page: Page) => page.locator("duel-answer article");

async function vote(page: Page, choice: string): Promise<void> {
  const ballot = page.getByRole("button", { name: /^Vote and see|^Voter et voir/ });
  expect(await ballot.isDisabled()).toBe(true);
  await page.getByRole("radio", { name: choice }).press("Space");
  await ballot.press("Enter");
  await page.locator("duel-reveal").waitFor();
}

describe("a duel that came as a link", async () => {
  const duel = await encodeDuel({
    prompt: "Say <b>hello</b>.",
    answers: {
      a: { contender: { name: NAMES[1]!, parameters: 81_413_568 }, text: "**Hello**<script>x</script>", tokens: 3 },
      b: { contender: { name: "Another model", parameters: 24e9 }, text: "", tokens: 0 },
    },
  });
  const query = `?view=duel&lang=fr#duel=${duel}`;

  test("is voted on before the names are shown, without a model", async () => {
    const page = await visit({ query });
    await answers(page).first().waitFor();
    const before = await shown(page.locator("alambic-duel .page"));
    for (const name of [...NAMES, "Another model", "81"]) expect(before).not.toContain(name);
    expect(await page.locator("duel-answer .text").first().innerHTML()).toContain("<strong>Hello</strong>");
    expect(await shown(page.locator(".prompt"))).toContain("Say <b>hello</b>.");
    expect(await shown(answers(page).last())).toContain("terminé sans un mot");

    await page.getByRole("checkbox", { name: "claire", exact: true }).press("Space");
    await vote(page, "A est meilleure");
    expect(await shown(answers(page).first())).toContain(NAMES[1]);
    const table = await shown(page.locator("duel-reveal table"));
    expect(table).toMatch(/81,41\sM/);
    expect(table).toMatch(/XS\s+M/);
    expect(table).not.toContain("GPU");
    expect(await shown(page.locator("duel-reveal section").first())).toContain("A est meilleure, claire");
    expect(await shown(page.locator("duel-reveal section").last())).toMatch(/1 pour SmolLM2-81M student/);

    await page.reload();
    await answers(page).first().waitFor();
    await vote(page, "Les deux sont bonnes");
    expect(await shown(page.locator("duel-reveal section").last())).toMatch(/2.duels/);
  });

  test("is refused where it was cut, and the page goes on", async () => {
    const page = await visit({ query: query.slice(0, -9) });
    await page.getByText("Ce lien ne contient pas de duel lisible").waitFor();
    await page.getByRole("button", { name: /^Charger la paire/ }).waitFor();
  });

  test.each([
    { theme: "light", width: 1280 },
    { theme: "dark", width: 390 },
  ] as const)("axe has no findings, $theme, $width pixels wide", async ({ theme, width }) => {
    const page = await visit({ query, theme, width });
    await answers(page).first().waitFor();
    await expectAccessible(page);
    await vote(page, "Aucune n’est bonne");
    await page.getByRole("button", { name: "Copier un lien vers ce duel" }).press("Enter");
    await page.getByRole("textbox").last().waitFor();
    await page.locator("summary").press("Enter");
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    if (process.env.SCREENSHOTS)
      await page.screenshot({ path: `${process.env.SCREENSHOTS}/duel-${width}.png`, fullPage: true });
  });
});

test("the estimate of a hosted model follows method, model and tokens", async () => {
  const page = await visit({ query: "?view=duel" });
  const estimate = page.locator("energy-estimate");
  await estimate.getByLabel("Tokens of the answer").waitFor();
  await estimate
    .getByLabel("Hosted model", { exact: false })
    .and(estimate.locator("select"))
    .selectOption("Llama 3.1 405B");
  await estimate.getByLabel("Tokens of the answer").fill("1000000");
  await estimate.getByLabel("Tokens of the answer").press("Tab");
  expect(await estimate.getByLabel("Tokens of the answer").inputValue(), "beyond the field's range").toBe("260");
  await estimate.getByLabel("Tokens of the answer").fill("100000");
  await estimate.getByLabel("Tokens of the answer").press("Tab");
  expect(await shown(estimate.locator("dl"))).toMatch(/23,800.Wh/);
  await estimate.getByLabel("Method").selectOption({ index: 2 });
  expect(await shown(estimate.locator("section"))).toContain("EcoLogits 0.9.1");
  await estimate.locator("summary").press("Enter");
  expect(await shown(estimate.locator("details"))).toMatch(/3\.24.Wh[\s\S]*1\.98.g[\s\S]*0\.171.Wh[\s\S]*19 times/);
});

describe("a duel of the pair", () => {
  let page: Page;
  beforeAll(async () => {
    page = await visit();
    await page.getByRole("button", { name: /^Load the pair/ }).press("Enter");
    await page.getByRole("button", { name: "Settings" }).press("Enter", { timeout: 240_000 });
    await page.getByLabel("Length").fill("4");
    await page.getByLabel("Length").press("Tab");
    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Duel" }).press("Enter");
  }, 300_000);

  test("shows what both models really wrote, and what that took here", async () => {
    await page.getByRole("button", { name: PROMPT }).press("Enter");
    await answers(page).last().waitFor({ timeout: 300_000 });
    const before = await shown(page.locator("alambic-duel .page"));
    for (const name of NAMES) expect(before).not.toContain(name);
    await vote(page, "Both are good");
    const seats = await page.locator("duel-answer .name").allInnerTexts();
    expect([...seats].sort()).toEqual(NAMES);
    for (const [seat, name] of seats.entries()) {
      const file = `../../engine/fixtures/${CHECKPOINTS[NAMES.indexOf(name)]}.expected.json`;
      const { cases } = JSON.parse(readFileSync(new URL(file, import.meta.url), "utf8"));
      const { text } = cases.find(
        ({ messages }: { messages: { content: string }[] }) => messages[0]!.content === PROMPT,
      );
      const written = await shown(page.locator("duel-answer .text").nth(seat));
      expect(text.startsWith(written), `${name}: ${written}`).toBe(true);
      expect(written.length).toBeGreaterThan(8);
    }
    const table = await shown(page.locator("duel-reveal table"));
    expect(table).toMatch(/Tokens\s+4\s+4/);
    expect(table).toMatch(/Time, alone on this device\s+[\d.,]+ m?s/);
    expect(table).toMatch(/Read from GPU memory\s+\d+ MB\s+\d+ MB/);
    expect(await page.getByLabel("Tokens of the answer").inputValue()).toBe("4");
  }, 400_000);

  test("can be stopped, and played again", async () => {
    await page.getByRole("button", { name: "Another duel" }).press("Enter");
    await page.getByLabel("Your prompt").fill(PROMPT);
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Stop" }).press("Enter");
    await page.getByRole("button", { name: PROMPT }).waitFor();
    expect(await answers(page).count()).toBe(0);
  });
});
