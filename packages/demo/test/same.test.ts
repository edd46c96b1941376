import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../engine/fixtures/${name}.json`, import.meta.url), "utf8"));
/** What transformers says of the embedded pair on this text. */
const [expected] = fixture("pair.compared");
const PROMPT = "What is the capital of France?";

describe("before the models are loaded", () => {
  test("the view has an address, a title and a current link of its own, in both languages", async () => {
    const page = await visit({ query: "?view=same&lang=fr" });
    await page.getByRole("heading", { level: 1, name: "Le même contexte" }).waitFor();
    expect(await page.title()).toBe("Même contexte · Alambic");
    expect(await shown(page.locator("view-nav [aria-current=page]"))).toBe("Même contexte");
    await page.getByRole("link", { name: "EN", exact: true }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "The same context" }).waitFor();
    expect(await page.title()).toBe("Same context · Alambic");
    expect(new URL(page.url()).search).toBe("?view=same&lang=en");
  });

  test("links lead there and back, by keyboard too, and keep the language", async () => {
    const page = await visit({ query: "?lang=fr" });
    await page.getByRole("link", { name: "Même contexte" }).press("Enter");
    await page.getByRole("heading", { level: 1, name: "Le même contexte" }).waitFor();
    expect(await page.locator("main").evaluate((main) => main.matches(":focus"))).toBe(true);
    expect(new URL(page.url()).search).toBe("?view=same&lang=fr");
    await page.goBack();
    await page.getByRole("heading", { name: "Deux modèles, une même question" }).waitFor();
    await page.goForward();
    await page.getByRole("heading", { level: 1, name: "Le même contexte" }).waitFor();
  });

  test("a text and a tab can come with the address", async () => {
    const page = await visit({ query: "?view=same&tab=draft#text=l%E2%80%99%C3%A9t%C3%A9" });
    expect(await page.getByRole("tab", { name: "Draft" }).getAttribute("aria-selected")).toBe("true");
    await page.getByRole("tab", { name: "Draft" }).press("ArrowLeft");
    expect(await page.getByLabel("The text to read").inputValue()).toBe("l’été");
    expect(new URL(page.url()).search).toBe("?view=same");
  });

  test.each(["light", "dark"] as const)("axe has no findings in the %s theme, on a phone", async (theme) => {
    const page = await visit({ query: "?view=same&lang=fr", theme, width: 390 });
    await page.locator("load-gate button:enabled").waitFor();
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  });
});

describe("with the pair", () => {
  // Loaded once; the tests go on from each other.
  let page: Page;
  beforeAll(async () => {
    page = await visit({ query: "?view=same" });
    await page.getByRole("button", { name: /^Load the pair/ }).press("Enter");
    await page.locator("score-panel button.primary:enabled").waitFor({ timeout: 240_000 });
  }, 300_000);

  const line = (panel: string) => page.locator(panel).getByRole("listbox");
  const detail = () => shown(page.locator("token-detail section"));
  const figures = (panel: string) => shown(page.locator(panel).locator("dl.figures"));
  const read = (text: string) => text.replace(/\s+/g, " ");

  test("the figures of a text are those computed elsewhere", async () => {
    await page.getByLabel("The text to read").fill(expected.text);
    await page.getByRole("button", { name: "Read it" }).press("Enter");
    await line("score-panel").waitFor({ timeout: 120_000 });
    const text = read(await figures("score-panel"));
    const [, kl, agreement, teacher, student] = text.match(
      /mean KL\D+([\d.]+) nats\D+([\d.]+)%.*?perplexity\W+Teacher\D+([\d.,]+).*?perplexity\W+Student\D+([\d.,]+)/,
    ) ?? [text];
    const perplexity = (value: string) => Number(value.replace(",", ""));
    expect(Number(kl)).toBeCloseTo(expected.mean_kl, 2);
    expect(Number(agreement) / 100).toBeCloseTo(expected.top1_agreement, 3);
    expect(perplexity(teacher!) / expected.teacher_perplexity).toBeCloseTo(1, 2);
    expect(perplexity(student!) / expected.student_perplexity).toBeCloseTo(1, 2);
  });

  test("each token is named with its divergence, and the shades add up to the text", async () => {
    const tokens = line("score-panel").getByRole("option");
    expect(await tokens.count()).toBe(expected.ids.length);
    const names = await tokens.evaluateAll((options) => options.map((option) => option.getAttribute("aria-label")!));
    for (const [index, name] of names.entries()) {
      expect(Number(name.match(/, ([\d.]+) nats/)![1]), name).toBeCloseTo(expected.kl[index], 2);
    }
    const apart = expected.teacher_top5.findIndex(
      (top: number[], index: number) => top[0] !== expected.student_top5[index][0],
    );
    expect(names.findIndex((name) => name.endsWith("first divergence"))).toBe(apart);
    expect((await shown(line("score-panel"))).replace(/[◆…]/g, "").trim()).toBe(expected.text);
    expect(decodeURIComponent(new URL(page.url()).hash)).toBe(`#text=${expected.text}`);
  });

  test("the arrow keys go through it, and both lists are those computed elsewhere", async () => {
    await line("score-panel").focus();
    for (let index = 0; index < 3; index++) {
      if (index > 0) await page.keyboard.press("ArrowRight");
      await expect.poll(() => line("score-panel").getAttribute("aria-activedescendant")).toBe(`t${index}`);
      const shares = await page.locator("token-detail .share").allInnerTexts();
      const both = [...expected.teacher_top5_probability[index], ...expected.student_top5_probability[index]];
      for (const [place, share] of shares.entries()) {
        expect(Number.parseFloat(share) / 100, `place ${place} at ${index}`).toBeCloseTo(both[place]!, 2);
      }
      expect(shares).toHaveLength(10);
      await expect.poll(() => shown(page.locator("token-detail .text").first())).not.toContain("#");
    }
    await page.keyboard.press("End");
    expect(await detail()).toContain("After the end of the text");
    await page.keyboard.press("Home");
    expect(await detail()).toContain("What came: “moon”");
  });

  test("pointing at a token opens it too", async () => {
    await line("score-panel").getByRole("option").nth(4).hover();
    await expect.poll(() => line("score-panel").getAttribute("aria-activedescendant")).toBe("t4");
    expect(read(await detail())).toMatch(
      /KL here [\d.]+ nats .* Up to here mean KL [\d.]+ nats, same first choice [\d.]+%/,
    );
  });

  test("axe has no findings in either theme, also on a phone, where nothing is cut off", async () => {
    for (const theme of ["light", "dark"]) {
      await page.getByLabel("Theme").selectOption(theme);
      await expectAccessible(page);
    }
    await page.setViewportSize({ width: 390, height: 844 });
    await expectAccessible(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  test("a long read can be stopped", async () => {
    await page.getByLabel("The text to read").fill(expected.text.repeat(6));
    await page.getByRole("button", { name: "Read it" }).press("Enter");
    await page.getByRole("button", { name: "Stop" }).press("Enter");
    await page.getByRole("button", { name: "Read it" }).waitFor();
    expect(await line("score-panel").count()).toBe(0);
  });

  test("with the student's draft the teacher writes what it writes alone, and the account is that of the tokens", async () => {
    await page.getByRole("tab", { name: "Draft" }).press("Enter");
    await page.getByLabel("Your prompt").fill(PROMPT);
    // In one go, before the page can have drawn the new length: it counts all the same.
    await page.locator("draft-panel").evaluate((panel) => {
      const drawer = panel.shadowRoot!.querySelector("settings-drawer")!.shadowRoot!;
      const length = drawer.querySelector<HTMLInputElement>("#maxTokens")!;
      length.value = "7";
      length.dispatchEvent(new Event("change"));
      panel.shadowRoot!.querySelector<HTMLElement>("button.primary")!.click();
    });
    await page.getByText("Token by token the same text as by the teacher alone.").waitFor({ timeout: 240_000 });
    const { cases } = fixture("smollm2-135m-instruct.expected");
    const answer = cases.find(({ messages }: { messages: { content: string }[] }) => messages[0]!.content === PROMPT);
    expect(await line("draft-panel").getByRole("option").count()).toBeLessThanOrEqual(8);
    // The token that ends an answer, where the length leaves room for it, is shown as a dot.
    expect((await shown(line("draft-panel"))).replace(/·$/, "")).toBe(answer.text);

    const text = read(await figures("draft-panel"));
    console.info(text);
    const [, accepted, proposed] = text.match(/(\d+) of (\d+)/)!;
    expect(Number(accepted)).toBe(await line("draft-panel").locator(".accepted").count());
    expect(Number(proposed)).toBeGreaterThanOrEqual(Number(accepted));
    const gain = Number(text.match(/×\s([\d.]+)/)![1]);
    const [withDraft, alone] = [...text.matchAll(/([\d.]+) tokens\/s/g)].map(([, rate]) => Number(rate));
    expect(gain).toBeGreaterThan(0);
    expect(withDraft! / alone!).toBeCloseTo(gain, 1);
    expect(await page.getByText(/^Slower, because/).count()).toBe(gain < 1 ? 1 : 0);
    await line("draft-panel").focus();
    await page.keyboard.press("End");
    expect(await shown(page.locator("draft-panel p.soft").last())).toMatch(/: .*teacher|student/);
    await expectAccessible(page);
  }, 300_000);

  test("an answer of the race is read in its own context, and the models are still loaded", async () => {
    await page.getByRole("link", { name: "Race" }).press("Enter");
    await page.getByLabel("Your prompt").waitFor();
    await page.getByRole("button", { name: "Settings" }).press("Enter");
    await page.getByLabel("Length").fill("4");
    await page.getByLabel("Length").press("Tab");
    await page.keyboard.press("Escape");
    await page.getByLabel("Your prompt").fill(PROMPT);
    await page.keyboard.press("Enter");
    for (const role of ["teacher", "student"])
      await page.locator(`model-answer[of=${role}] article[aria-busy=false]`).waitFor({ timeout: 240_000 });
    await page.getByRole("link", { name: "Where do the two part?" }).press("Enter");
    await page.getByRole("tab", { name: "Text" }).press("Enter");
    await page.getByRole("button", { name: "The Teacher’s last answer" }).press("Enter");
    await page.getByText(`Answer to: ${PROMPT}`).waitFor({ timeout: 120_000 });
    expect(await shown(line("score-panel"))).toContain("The capital of France");
    // The teacher's own greedy answer: nothing in it can be unlikely to it.
    expect(Number(read(await figures("score-panel")).match(/perplexity\W+Teacher\D+([\d.]+)/)![1])).toBeLessThan(2);
  }, 300_000);
});
