import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { expectAccessible } from "../test-support/axe.js";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();
const shot = async (page: Page, name: string) => {
  if (process.env.SCREENSHOTS)
    await page.screenshot({ path: `${process.env.SCREENSHOTS}/${name}.png`, fullPage: true });
};

describe("the teacher", () => {
  let page: Page;
  beforeAll(async () => {
    page = await visit({ query: "?view=inside" });
    await page.locator("parameter-map .picture button").first().waitFor();
  });

  test("is taken apart from its headers: the parts are those of its card", async () => {
    expect(await shown(page.locator(".summary"))).toMatch(/parameters\s+134\.5M\s+layers\s+30\s+vocabulary\s+49,152/);
    const legend = await shown(page.locator("parameter-map .legend"));
    // 28,311,552 of 134,515,008; 30 x 884,736; 30 x 2,654,208.
    expect(legend).toMatch(/Embedding 21% \(28\.31M\)/);
    expect(legend).toMatch(/Attention 19\.7% \(26\.54M\)/);
    expect(legend).toMatch(/MLP 59\.2% \(79\.63M\)/);
    expect(await page.locator("parameter-map .picture button").count()).toBe(31);
    const bytes = await page.evaluate(() =>
      (performance.getEntriesByType("resource") as PerformanceResourceTiming[])
        .filter(({ name }) => name.includes("/models/"))
        .reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0),
    );
    expect(bytes, "no weight is fetched").toBeLessThan(1e6);
  });

  test("opens layer by layer and back, by keyboard alone", async () => {
    const layer = page.locator("parameter-map .picture button").filter({ hasText: /^12$/ });
    await layer.press("Enter");
    await page.getByRole("heading", { name: "Layer 12" }).waitFor();
    const tensors = await page.locator("parameter-map .picture button").count();
    expect(tensors).toBeGreaterThanOrEqual(7);
    await page.getByRole("button", { name: /^← Back/ }).press("Enter");
    await page.getByRole("heading", { name: "The whole model" }).waitFor();
    expect(await layer.evaluate((button) => button.matches(":focus"))).toBe(true);
  });

  test("shows a tensor's numbers and what fewer bits make of them", async () => {
    await page.locator("parameter-map .picture button").filter({ hasText: /^12$/ }).press("Enter");
    await page.locator("parameter-map .picture button").filter({ hasText: "mlp.gate_proj" }).press("Enter");
    await page.getByRole("button", { name: "Look at its numbers" }).press("Enter");
    const panel = page.locator("tensor-panel section");
    await panel.locator("svg").first().waitFor({ timeout: 60_000 });
    expect(await shown(panel)).toMatch(/1,536 × 576[\s\S]*int4, groups of 32/);
    const lost = async () => Number.parseFloat(await shown(panel.locator(".error strong")));
    const four = await lost();
    await page.getByRole("radio", { name: "8", exact: true }).press("Space");
    const eight = await lost();
    expect(four).toBeGreaterThan(1);
    expect(eight).toBeLessThan(1);
    expect(eight).toBeGreaterThan(0);
    await page.getByLabel("Pruning: set the smallest to zero").press("End");
    expect(await shown(panel.locator(".slider"))).toMatch(/90% of the numbers set to zero lose [67]\d/);
    await shot(page, "inside-1280");
  });

  test("has no findings of axe, in either theme", async () => {
    for (const summary of await page.locator("summary").all()) await summary.press("Enter");
    for (const theme of ["dark", "light"]) {
      await page.getByLabel("Theme").selectOption(theme);
      await expectAccessible(page);
    }
  });

  test("can be tried on: LoRA, a mixture of experts, pruning", async () => {
    const ways = page.locator("ways-smaller");
    await ways.evaluate((element) => {
      for (const details of element.shadowRoot!.querySelectorAll("details")) details.open = true;
    });
    await ways.getByLabel("Rank").press("Home");
    // Rank 1 on q (576 to 576) and v (576 to 192) of 30 layers.
    expect(await shown(ways.locator("output").nth(1))).toContain("57.6K parameters to train");
    expect(await shown(ways.locator("output").last())).toMatch(/692M parameters, 214\.3M of them active/);
    await ways.getByRole("button", { name: "Layer 4", exact: true }).press("Enter");
    await ways.getByText("Layers of the teacher: 16 kept, 14 removed").waitFor();
    // Changes that come fast are written a moment later.
    await expect.poll(() => new URL(page.url()).search).toMatch(/kept=0%2C1%2C2%2C3%2C4%2C8%2C/);
  });

  test("says of each named model whether it would fit here, and what a mixture of experts uses", async () => {
    const ladder = page.locator("model-ladder table");
    expect(await shown(ladder)).toMatch(
      /Mixtral 8x7B\s+46\.7B \(12\.88B active\)\s+M\s+93\.4 GB\s+49\.6 GB\s+26\.4 GB/,
    );
    const last = (name: string) => shown(ladder.locator("tr", { hasText: name }).locator("td").last());
    const known = await page.evaluate(() => "deviceMemory" in navigator);
    expect(await last("GPT-2")).toBe("not a family that is read here");
    expect(await last("SmolLM2-360M")).toBe(known ? "fits at 16 bits" : "not known");
    expect(await last("Llama 3.1 405B")).toMatch(
      known ? /^too large: 2\d\d GB at 4 bits, of [\d.]+ GB$/ : /^not known$/,
    );
  });

  test("is tried live: the adapter has the teacher answer in one sentence, and leaves it as it was", async () => {
    const lora = page.locator("ways-smaller details", { has: page.getByText("LoRA", { exact: true }) });
    await lora.getByRole("button", { name: "Load the pair to try it" }).press("Enter");
    await lora.getByRole("button", { name: "Try it here" }).press("Enter", { timeout: 240_000 });
    const row = lora.locator("tbody tr").last();
    await row.getByText("The teacher with the adapter").waitFor({ timeout: 240_000 });
    // Rank 2 on queries (576 to 576) and values (576 to 192) of 30 layers.
    expect(await shown(row)).toContain("134.5M + 115.2K");
    const tokens = async (of: Locator) => Number((await shown(of)).match(/\((\d+) tokens\)/)![1]);
    const alone = lora.locator("tbody tr").first();
    expect(await tokens(row)).toBeLessThan(await tokens(alone));
    expect((await shown(row.locator("td").last())).match(/[.!?]/g)).toHaveLength(1);
    await expectAccessible(page);
  }, 300_000);
});

test("on a phone and in French, without WebGPU, the map is there and the numbers are not promised", async () => {
  const page = await visit({
    query: "?view=inside&model=student&lang=fr",
    width: 390,
    before: () => void Reflect.deleteProperty(Navigator.prototype, "gpu"),
  });
  await page.locator("parameter-map .picture button").first().press("Enter");
  expect(await shown(page.locator(".summary"))).toMatch(/81,41\sM/);
  await page.getByText("Voir les nombres demande WebGPU").waitFor();
  expect(await shown(page.locator("source-picker button[aria-pressed=true]"))).toBe("L’élève");
  for (const summary of await page.locator("summary").all()) await summary.press("Enter");
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await shot(page, "inside-390");
});

test("a folder of the device is taken apart, and what is none says so", async () => {
  const page = await visit({ query: "?view=inside" });
  const fixture = (name: string) => fileURLToPath(new URL(`../../engine/fixtures/${name}`, import.meta.url));
  const input = page.locator("source-picker input[type=file]");
  await page.locator("parameter-map").waitFor();
  await input.setInputFiles(fixture("qwen2"));
  await page.getByRole("heading", { name: "qwen2" }).waitFor();
  await page.locator("word-list").getByText("tensors of biases").waitFor();
  await input.setInputFiles(fixture("tokenizers"));
  expect(await shown(page.getByRole("alert"))).toMatch(/could not be taken apart[\s\S]*config\.json/);
});
