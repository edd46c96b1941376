import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();
const STUDENT = fileURLToPath(new URL("../../../models/smollm2-81m-student", import.meta.url));
const TINY = fileURLToPath(new URL("../../engine/fixtures/llama-tied", import.meta.url));

async function openChooser(page: Page): Promise<void> {
  await page.getByText("Other models in their place").press("Enter");
  await page.locator("model-chooser").first().waitFor();
}

/** The Hub's paths and headers, with one tiny repository: what a page asks of huggingface.co comes here. */
async function standInForTheHub(context: BrowserContext): Promise<string[]> {
  const asked: string[] = [];
  const files = new Map(readdirSync(TINY).map((name) => [name, readFileSync(`${TINY}/${name}`)]));
  await context.route("https://huggingface.co/**", (route) => {
    const { pathname } = new URL(route.request().url());
    asked.push(pathname);
    const cors = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
    const exposed = "x-repo-commit,x-linked-etag,x-linked-size,x-error-code,etag,content-range,accept-ranges";
    const headers = { ...cors, "access-control-expose-headers": exposed, "x-repo-commit": "a".repeat(40) };
    if (route.request().method() === "OPTIONS") return route.fulfill({ status: 204, headers });
    const [, name = ""] = /^\/owner\/tiny\/resolve\/[^/]+\/(.+)$/.exec(pathname) ?? [];
    const body = files.get(name);
    if (!body) return route.fulfill({ status: 404, headers: { ...headers, "x-error-code": "EntryNotFound" } });
    const etag = `"${createHash("sha1").update(body).digest("hex")}"`;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(route.request().headers().range ?? "") ?? [];
    if (first === undefined) return route.fulfill({ status: 200, headers: { ...headers, etag }, body });
    const end = Math.min(Number(last) + 1, body.length);
    const range = { "content-range": `bytes ${first}-${end - 1}/${body.length}`, "accept-ranges": "bytes", etag };
    return route.fulfill({ status: 206, headers: { ...headers, ...range }, body: body.subarray(Number(first), end) });
  });
  return asked;
}

test("a folder of the device stands on a side, and is what answers there", async () => {
  const page = await visit();
  await openChooser(page);
  const chooser = page.locator("model-chooser[of=teacher]");
  await chooser.locator("input[type=file]").setInputFiles(STUDENT);
  await chooser.getByText("81.41M parameters, llama").waitFor({ timeout: 60_000 });
  expect(await shown(chooser.locator("section > fieldset"))).toMatch(/as stored: \d+ MB, at most [\d.]+ tokens\/s/);
  await expectAccessible(page);
  await page.getByRole("button", { name: /^Load the pair \(13\d MB\)/ }).press("Enter");
  await page.getByLabel("Your prompt").waitFor({ timeout: 240_000 });
  const names = await page.locator("model-column .name").allInnerTexts();
  expect(names).toEqual(["smollm2-81m-student", "SmolLM2-81M student"]);

  await page.getByRole("button", { name: "Settings" }).press("Enter");
  await page.getByLabel("Length").fill("4");
  await page.getByLabel("Length").press("Tab");
  await page.keyboard.press("Escape");
  await page.getByLabel("Your prompt").fill("What is the capital of France?");
  await page.keyboard.press("Enter");
  for (const role of ["teacher", "student"])
    await page.locator(`model-answer[of=${role}] article[aria-busy=false]`).waitFor({ timeout: 240_000 });
  const answers = await page.locator("model-answer .text").allInnerTexts();
  expect(answers[0]).toMatch(/^The capital/);
  expect(answers[1]).toBe(answers[0]);

  await page.getByRole("button", { name: "Other models" }).press("Enter");
  await page.getByRole("button", { name: /^Load the pair/ }).waitFor();
  expect(await shown(page.locator("status-bar footer"))).toContain("pair not loaded");
}, 600_000);

test("a repository named in the address is judged before its weights are fetched, and what it lacks is said", async () => {
  const page = await visit();
  const asked = await standInForTheHub(page.context());
  await page.goto(`${new URL(page.url()).origin}/?student=owner/tiny`);
  const chooser = page.locator("model-chooser[of=student]");
  await chooser.getByText(/parameters, llama/).waitFor({ timeout: 60_000 });
  expect(asked.some((path) => path.endsWith("config.json"))).toBe(true);
  const load = page.getByRole("button", { name: /^Load the pair/ });
  expect(await load.isEnabled()).toBe(true);
  await load.press("Enter");
  const message = page.getByRole("alert");
  await message.waitFor({ timeout: 240_000 });
  expect(await shown(message)).toContain("no chat template");
}, 600_000);

test("a repository that is not there says so, and nothing can be loaded until another is chosen", async () => {
  const page = await visit();
  await standInForTheHub(page.context());
  await openChooser(page);
  const chooser = page.locator("model-chooser[of=student]");
  await chooser.getByRole("textbox").fill("owner/nothing");
  await chooser.getByRole("button", { name: "Look at it" }).press("Enter");
  await chooser.getByRole("alert").waitFor({ timeout: 60_000 });
  expect(await shown(chooser.getByRole("alert"))).toContain("owner/nothing");
  await chooser.getByRole("button", { name: "The teacher" }).press("Enter");
  expect(await chooser.getByRole("alert").count()).toBe(0);
  await page.getByRole("button", { name: /^Load the pair \(20[01] MB\)/ }).waitFor();
});
