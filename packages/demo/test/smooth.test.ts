import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { shown, useBrowser } from "../test-support/browser.js";
import { expectSmooth, mainThreadDuring } from "../test-support/main-thread.js";

const PROMPT = "What is the capital of France?";

const { visit } = useBrowser();

// Loaded once; the tests go on from each other.
let page: Page;
beforeAll(async () => {
  page = await visit({ query: "?length=5" });
  await page.getByRole("button", { name: /^Load the pair/ }).press("Enter");
  await page.getByLabel("Your prompt").waitFor({ timeout: 240_000 });
}, 300_000);

describe("no task of the main thread takes 50 ms of processor time", () => {
  test("while both models answer in the race", async () => {
    await page.getByLabel("Your prompt").fill(PROMPT);
    const busy = await mainThreadDuring(page, async () => {
      await page.keyboard.press("Enter");
      for (const role of ["teacher", "student"])
        await page.locator(`model-answer[of=${role}] article[aria-busy=false]`).waitFor({ timeout: 300_000 });
    });
    expectSmooth("race", busy);
  }, 400_000);

  test("while a text is read in the same context, and while a draft is written", async () => {
    await page.getByRole("link", { name: "Same context", exact: true }).press("Enter");
    await page.getByLabel("The text to read").fill(PROMPT);
    const read = await mainThreadDuring(page, async () => {
      await page.getByRole("button", { name: "Read it" }).press("Enter");
      await page.locator("score-panel").getByRole("listbox").waitFor({ timeout: 240_000 });
    });
    expectSmooth("reading", read);
    await page.getByRole("tab", { name: "Draft" }).press("Enter");
    await page.getByLabel("Your prompt").fill(PROMPT);
    const drafted = await mainThreadDuring(page, async () => {
      await page.getByRole("button", { name: "Write with a draft" }).press("Enter");
      await page.getByText("Token by token the same text as by the teacher alone.").waitFor({ timeout: 300_000 });
    });
    expectSmooth("draft", drafted);
  }, 600_000);

  test("while a duel is played", async () => {
    await page.getByRole("link", { name: "Duel", exact: true }).press("Enter");
    await page.getByLabel("Your prompt").fill(PROMPT);
    const busy = await mainThreadDuring(page, async () => {
      await page.keyboard.press("Enter");
      await page.locator("duel-answer").last().waitFor({ timeout: 300_000 });
    });
    expectSmooth("duel", busy);
  }, 400_000);

  test("while two answers of 4,000 tokens grow, twenty tokens a frame", async () => {
    await page.getByRole("link", { name: "Race", exact: true }).press("Enter");
    const busy = await mainThreadDuring(page, () => page.evaluate(growLongAnswers, 4000));
    expectSmooth("two long answers", busy);
  }, 400_000);

  test("while a draft of 2,000 tokens grows", async () => {
    const busy = await mainThreadDuring(page, () => page.evaluate(growLongDraft, 2000));
    expectSmooth("a long draft", busy);
  }, 400_000);
});

test("in a hidden tab, which draws no frames, an answer comes to its end, and the title says so", async () => {
  await page.evaluate(() => {
    globalThis.requestAnimationFrame = () => 0;
    Object.defineProperty(document, "hidden", { value: true, configurable: true });
  });
  await page.getByRole("button", { name: "New conversation" }).press("Enter");
  await page.getByLabel("Your prompt").fill(PROMPT);
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator("model-answer article[aria-busy=false]").count(), { timeout: 240_000 }).toBe(2);
  expect(await shown(page.locator("model-answer[of=teacher] .text"))).toBe("The capital of France is");
  await expect.poll(() => page.title()).toBe("✓ Alambic: a teacher and its student");
  await page.evaluate(() => {
    Reflect.deleteProperty(document, "hidden");
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await expect.poll(() => page.title()).toBe("Alambic: a teacher and its student");
}, 300_000);

/** The page's own component, with text that comes as fast as on a quick GPU. Runs in the page. */
async function growLongAnswers(tokens: number): Promise<void> {
  const paragraph =
    "Try to go to **bed** and wake up at the same time every day, even on weekends. This can help regulate `your` body. ";
  const list =
    "\n\n1. **Avoiding Caffeine**: it can interfere.\n2. *Creating* a restful place.\n   - dark\n   - quiet\n\n";
  const words = `${paragraph.repeat(3)}${list}`.split(/(?<= )/);
  const turn = document.createElement("race-turn") as HTMLElement & { turn: unknown; roles: readonly string[] };
  const figures = { tokens: 0, now: 30, mean: 30, firstTokenMs: 100, sharedNow: true, shared: true };
  const answerOf = (length: number, text: string) => ({
    status: "streaming",
    text,
    figures: { ...figures, tokens: length },
  });
  let text = "";
  turn.roles = ["teacher", "student"];
  turn.turn = { prompt: "?", answers: { teacher: answerOf(0, ""), student: answerOf(0, "") } };
  document.body.append(turn);
  for (let length = 0; length < tokens; length += 20) {
    for (let each = 0; each < 20; each++) text += words[(length + each) % words.length];
    turn.turn = { prompt: "?", answers: { teacher: answerOf(length, text), student: answerOf(length, text) } };
    await new Promise((resolve) => setTimeout(resolve, 16));
  }
  turn.remove();
}

async function growLongDraft(tokens: number): Promise<void> {
  const line = document.createElement("token-line") as HTMLElement & { tokens: unknown; label: string };
  line.label = "long";
  document.body.append(line);
  const made: object[] = [];
  for (let length = 0; length < tokens; length += 20) {
    for (let each = 0; each < 20; each++) made.push({ text: " word", look: "accepted", name: "word, accepted" });
    line.tokens = [...made];
    await new Promise((resolve) => setTimeout(resolve, 16));
  }
  line.remove();
}
