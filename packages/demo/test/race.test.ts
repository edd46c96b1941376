import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "../src/state/store.js";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const PROMPT = "What is the capital of France?";
const ROLES = ["teacher", "student"] as const;
const CHECKPOINTS = { teacher: "smollm2-135m-instruct", student: "smollm2-81m-student" };

const { visit } = useBrowser();

// The pair is loaded once: on a software adapter that, and every token, takes its time. The tests go on from each other.
let page: Page;
let announced: string[];
beforeAll(async () => {
  page = await visit();
  announced = await page.locator("pair-drawing .size").allInnerTexts();
  await page.getByRole("button", { name: /^Load the pair/ }).press("Enter");
  await page.getByLabel("Your prompt").waitFor({ timeout: 240_000 });
}, 300_000);

const answerOf = (role: (typeof ROLES)[number]) =>
  page
    .locator("model-answer")
    .and(page.locator(`[of=${role}]`))
    .last();

async function bothAnswered(): Promise<void> {
  for (const role of ROLES) {
    await answerOf(role).locator("article[aria-busy=false]").waitFor({ timeout: 300_000 });
  }
}

async function setLength(tokens: number): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).press("Enter");
  await page.getByLabel("Length").fill(String(tokens));
  await page.getByLabel("Length").press("Tab");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "hidden" });
}

test("what is loaded is what the first view announced, with its memory and the adapter", async () => {
  expect(announced).toEqual(["134.5M parameters, 30 layers, 100 MB", "81.41M parameters, 15 layers, 67 MB"]);
  expect(await shown(page.locator("model-column").first().locator("dl"))).toMatch(
    /parameters\s+134\.5M\s+layers\s+30[\s\S]*98 MB/,
  );
  expect(await shown(page.locator("model-column").last().locator("dl"))).toMatch(
    /parameters\s+81\.41M\s+layers\s+15[\s\S]*65 MB/,
  );
  const adapter = await page.evaluate(async () => (await navigator.gpu.requestAdapter())!.info.architecture);
  expect(await shown(page.locator("status-bar footer"))).toContain(adapter);
  expect(await shown(page.locator("status-bar footer"))).toMatch(/GPU memory\s+1\d\d MB[\s\S]*ready/);
});

test("a typed prompt is answered by both, greedily as the references say", async () => {
  await setLength(10);
  await page.getByLabel("Your prompt").pressSequentially(PROMPT);
  await page.keyboard.press("Enter");
  await bothAnswered();
  for (const role of ROLES) {
    const { cases } = JSON.parse(
      readFileSync(new URL(`../../engine/fixtures/${CHECKPOINTS[role]}.expected.json`, import.meta.url), "utf8"),
    );
    const expected = cases.find(({ messages }: { messages: { content: string }[] }) => messages[0]!.content === PROMPT);
    expect(await shown(answerOf(role).locator(".text")), role).toBe(expected.text);
  }
}, 400_000);

test("each answer has its figures, labelled shared where both models were answering", async () => {
  for (const role of ROLES) {
    const figures = await shown(answerOf(role).locator("token-rate dl"));
    console.info(`${role}: ${figures.replace(/\s+/g, " ")}`);
    expect(figures).toMatch(/mean\s+\d+(\.\d+)?\s+tokens\/s shared/);
    expect(figures).toMatch(/first token\s+[\d.,]+ m?s/);
    expect(figures).toMatch(/[78] tokens/);
    // All weights but the embedding's other rows, and the keys and values: about what the checkpoint weighs.
    const [, megabytes] = figures.match(/read per token\s+([\d.]+) MB/)!;
    expect(Number(megabytes)).toBeGreaterThan(role === "teacher" ? 90 : 55);
    expect(Number(megabytes)).toBeLessThan(role === "teacher" ? 105 : 75);
    const meter = answerOf(role).getByRole("meter");
    expect(Number(await meter.getAttribute("aria-valuenow"))).toBeGreaterThan(0);
  }
  const ends = await Promise.all(ROLES.map((role) => answerOf(role).getByRole("meter").getAttribute("aria-valuemax")));
  expect(ends[0], "one scale for both").toBe(ends[1]);
});

test("axe has no findings in either theme", async () => {
  for (const theme of ["light", "dark"]) {
    await page.getByLabel("Theme").selectOption(theme);
    await expectAccessible(page);
  }
  await page.getByRole("button", { name: "Settings" }).press("Enter");
  await expectAccessible(page);
  await page.keyboard.press("Escape");
});

test("a language change keeps the conversation", async () => {
  await page.getByRole("link", { name: "FR", exact: true }).press("Enter");
  await page.getByLabel("Votre question").waitFor();
  expect(await shown(answerOf("teacher").locator("article"))).toContain("Professeur");
  expect(await shown(answerOf("teacher").locator(".text"))).toContain("Paris.");
  expect(await shown(answerOf("teacher").locator("token-rate dl"))).toContain("moyenne");
  expect(await shown(page.locator("model-column").first().locator("dl"))).toMatch(/134,5\sM/);
  await page.getByRole("link", { name: "EN", exact: true }).press("Enter");
  await page.getByLabel("Your prompt").waitFor();
});

test("on a phone the columns are tabs, with both speeds to be seen", async () => {
  await page.setViewportSize({ width: 390, height: 844 });
  const tabs = page.getByRole("tab");
  await tabs.first().waitFor();
  for (const tab of await tabs.all()) expect(await shown(tab)).toMatch(/[\d.]+ tokens\/s/);
  expect(await page.locator("model-answer").count()).toBe(1);
  await tabs.first().press("ArrowRight");
  await page.locator("model-answer[of=student]").waitFor();
  expect(await tabs.last().getAttribute("aria-selected")).toBe("true");
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.locator("model-answer[of=teacher]").waitFor();
});

test("a second prompt goes on from the first, can be stopped, and the next is answered", async () => {
  await setLength(200);
  await page.getByLabel("Your prompt").fill("And of Italy?");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Stop" }).press("Enter");
  await bothAnswered();
  for (const role of ROLES) expect(await shown(answerOf(role).locator("article"))).toContain("Stopped.");
  expect(await page.locator("race-turn").count()).toBe(2);
  expect(await shown(page.locator("status-bar footer"))).toContain("ready");

  await page.getByRole("button", { name: "New conversation" }).press("Enter");
  await setLength(2);
  await page.getByRole("button", { name: PROMPT }).press("Enter");
  await bothAnswered();
  for (const role of ROLES) {
    expect(await shown(answerOf(role).locator(".text"))).toBe("The capital");
    expect(await shown(answerOf(role).locator("article"))).toContain("Stopped at 2 tokens");
  }
}, 600_000);

test("each model is measured once more with the GPU to itself, when asked", async () => {
  await page.getByRole("button", { name: "Measure each model on its own" }).press("Enter");
  for (const role of ROLES) {
    await expect
      .poll(() => shown(answerOf(role).locator("token-rate dl")), { timeout: 120_000 })
      .toMatch(/on its own\s+[\d.]+ tokens\/s/);
  }
  expect(await page.getByRole("button", { name: "Measure each model on its own" }).count()).toBe(0);
}, 300_000);

test("the last prompt can be taken up again, and changed or left", async () => {
  const box = page.getByLabel("Your prompt");
  await page.getByRole("button", { name: "Edit" }).press("Enter");
  expect(await box.inputValue()).toBe(PROMPT);
  expect(await box.evaluate((element) => element.matches(":focus"))).toBe(true);
  await page.keyboard.press("Escape");
  expect(await box.inputValue()).toBe("");
  await page.getByRole("button", { name: "Edit" }).press("Enter");
  await box.fill("What is the capital of Italy?");
  await page.keyboard.press("Enter");
  await page.locator("race-turn", { hasText: "Italy" }).waitFor();
  await bothAnswered();
  expect(await page.locator("race-turn").count()).toBe(1);
}, 300_000);

describe("what a model writes is shown and never run", () => {
  test.each([
    { why: "a script", text: "<script>document.title = 'run'</script>fine", html: "fine" },
    { why: "an image that would fetch", text: '<img src="x" onerror="document.title = 1">', html: "" },
    { why: "a link of another kind", text: "[a](javascript:alert(1))", html: "<p><a>a</a></p>" },
    { why: "styles", text: '<p style="position:fixed" class="x">over</p>', html: "<p>over</p>" },
    { why: "Markdown", text: "**bold** and `code`", html: "<p><strong>bold</strong> and <code>code</code></p>" },
  ])("$why", async ({ text, html }) => {
    const title = await page.title();
    const made = await renderAnswer({ status: "done", text, finishReason: "stop" });
    expect(made.html.replace(/ (target|rel)="[^"]*"/g, "")).toBe(html);
    expect(await page.title()).toBe(title);
  });

  test("right-to-left text reads from the right", async () => {
    expect((await renderAnswer({ status: "done", text: "مرحبا بالعالم", finishReason: "stop" })).direction).toBe("rtl");
  });

  test("an empty answer is said to be one", async () => {
    expect((await renderAnswer({ status: "done", text: "", finishReason: "stop" })).text).toContain(
      "The model ended without a word.",
    );
  });

  test("a full context is said, with what to do", async () => {
    const trouble = { code: "context-overflow", message: "" };
    expect((await renderAnswer({ status: "failed", text: "", trouble })).text).toContain("Start a new one.");
  });
});

test("a GPU that is lost is opened again, and the answers go on where they were", async () => {
  const turns = await page.locator("race-turn").count();
  const crash = await page.context().browser()!.newBrowserCDPSession();
  await page.getByLabel("Your prompt").fill("And of Spain?");
  await page.keyboard.press("Enter");
  await page.locator("article[aria-busy=true]").first().waitFor();
  await crash.send("Browser.crashGpuProcess");
  await page.getByText("GPU lost, recovering").waitFor({ timeout: 60_000 });
  await bothAnswered();
  for (const role of ROLES) expect(await shown(answerOf(role).locator("article"))).toContain("Stopped at 2 tokens");
  expect(await page.locator("race-turn").count()).toBe(turns + 1);
  expect(await shown(page.locator("status-bar footer"))).toContain("ready");
}, 600_000);

test("a GPU that cannot be had again is said, and the conversation goes on once the pair is loaded again", async () => {
  const turns = await page.locator("race-turn").count();
  // What a view tells the page when the engine has given up.
  await page.evaluate(() => {
    const detail = Object.assign(new Error("The GPU device was lost again."), { code: "device-lost" });
    document.querySelector("alambic-app")!.dispatchEvent(new CustomEvent("pair-failed", { detail }));
  });
  const message = page.getByRole("alert");
  await message.getByText("The GPU was lost").waitFor();
  expect(await shown(page.locator("status-bar footer"))).toContain("GPU lost");
  await message.getByRole("button", { name: "Load the pair again" }).press("Enter");
  await page.getByRole("button", { name: "Run again" }).and(page.locator(":enabled")).waitFor({ timeout: 240_000 });
  expect(await page.locator("race-turn").count()).toBe(turns);
  await page.getByRole("button", { name: "Run again" }).press("Enter");
  await page.locator("article[aria-busy=true]").first().waitFor();
  await bothAnswered();
  expect(await shown(answerOf("teacher").locator("article"))).toContain("Stopped at 2 tokens");
}, 600_000);

/** The page's own components, given an answer that these two models could not be brought to write. */
function renderAnswer(
  answer: { readonly text: string } & Partial<Answer>,
): Promise<{ html: string; text: string; direction: string }> {
  return page.evaluate(async (given) => {
    type Rendered = HTMLElement & { updateComplete: Promise<boolean> };
    const element = document.createElement("model-answer") as Rendered;
    const written = document.createElement("answer-text") as Rendered;
    const figures = { tokens: 0, sharedNow: false, shared: false };
    Object.assign(element, { of: "teacher", max: 1, answer: { figures, ...given } });
    Object.assign(written, { text: given.text });
    element.append(written);
    document.body.append(element);
    await Promise.all([element.updateComplete, written.updateComplete]);
    const text = written.shadowRoot!.querySelector<HTMLElement>(".text")!;
    const found = {
      html: text.innerHTML.replace(/<!--.*?-->/g, "").trim(),
      text: element.shadowRoot!.querySelector("article")!.textContent ?? "",
      direction: getComputedStyle(text).direction,
    };
    element.remove();
    return found;
  }, answer);
}
