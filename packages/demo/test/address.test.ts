import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();

const here = (page: Page) => {
  const { search, hash } = new URL(page.url());
  return search + hash;
};
const drawer = (page: Page) => page.locator("draft-panel settings-drawer");
const theme = (page: Page) => page.locator("html").getAttribute("data-theme");
/** Changes that come fast are written a moment later. */
const settles = (page: Page) => expect.poll(() => here(page));

describe("settings of the whole page", () => {
  test("come with the address, theme and system prompt too", async () => {
    const query =
      "?view=same&tab=draft&theme=dark&temperature=0.7&seed=7&length=64#system=Be%20brief.&prompt=Hello%20%26%20bye";
    const page = await visit({ query });
    await page.getByLabel("Your prompt").waitFor();
    expect(await theme(page)).toBe("dark");
    expect(await page.getByLabel("Your prompt").inputValue()).toBe("Hello & bye");
    await drawer(page).getByRole("button", { name: "Settings" }).press("Enter");
    const fields = { Temperature: "0.7", "Top-k": "0", Seed: "7", Length: "64", "System prompt": "Be brief." };
    for (const [name, value] of Object.entries(fields)) {
      expect(
        await drawer(page)
          .getByLabel(name, { exact: name !== "Temperature" })
          .inputValue(),
        name,
      ).toBe(value);
    }
    expect(await drawer(page).getByRole("checkbox").isChecked()).toBe(true);
  });

  test("are written as they are changed, go along to other views, and come back with the back button", async () => {
    const page = await visit({ query: "?view=same&tab=draft" });
    await drawer(page).getByRole("button", { name: "Settings" }).press("Enter");
    for (let step = 0; step < 6; step++) await drawer(page).getByLabel("Temperature").press("ArrowRight");
    await settles(page).toBe("?view=same&tab=draft&temperature=0.3");
    await drawer(page).getByRole("checkbox").press("Space");
    await drawer(page).getByRole("radio", { name: "Student" }).press("Space");
    await drawer(page).getByLabel("Temperature").press("Home");
    await drawer(page).getByLabel("System prompt").fill("Be brief.");
    await drawer(page).getByLabel("System prompt").press("Tab");
    const apart = "temperature=0.3&settings=apart#student-system=Be%20brief.";
    await settles(page).toBe(`?view=same&tab=draft&${apart}`);
    await page.keyboard.press("Escape");

    await page.getByRole("link", { name: "Bench" }).press("Enter");
    expect(here(page)).toBe(`?view=bench&${apart}`);
    await page.getByLabel("Theme").selectOption("dark");
    await settles(page).toBe("?view=bench&temperature=0.3&settings=apart&theme=dark#student-system=Be%20brief.");
    await page.goBack();
    await page.getByRole("tab", { name: "Draft" }).waitFor();
    expect(here(page)).toBe(`?view=same&tab=draft&${apart}`);
    await drawer(page).getByRole("button", { name: "Settings" }).press("Enter");
    await drawer(page).getByRole("button", { name: "Back to the defaults" }).press("Enter");
    await settles(page).toBe("?view=same&tab=draft");
    await page.goForward();
    await page.locator("bench-form form").waitFor();
    await page.goBack();
    await drawer(page).getByRole("button", { name: "Settings" }).press("Enter");
    expect(await drawer(page).getByLabel("Temperature").inputValue(), "as this entry was left").toBe("0");
  });

  test("that make no sense are as if they were not there", async () => {
    const query =
      "?view=same&tab=constructor&theme=javascript:&temperature=9&top-k=-1&length=1e9&seed=%00&teacher=https://example.org/x&teacher-bits=3#system&text=%E0%A4%A";
    const page = await visit({ query });
    await page.getByRole("button", { name: /^Load the pair \(167 MB\)/ }).waitFor();
    expect(await page.getByRole("tab", { name: "Text" }).getAttribute("aria-selected")).toBe("true");
    expect(await page.getByLabel("The text to read").inputValue()).toMatch(/^The moon/);
    await page.getByRole("tab", { name: "Draft" }).press("Enter");
    await drawer(page).getByRole("button", { name: "Settings" }).press("Enter");
    expect(await drawer(page).getByLabel("Temperature").inputValue()).toBe("0");
    expect(await drawer(page).getByLabel("Length").inputValue()).toBe("256");
  });
});

test("inside: model, layer and tensor are in the address, and the back button finds them again", async () => {
  const tensor = "model.layers.3.mlp.up_proj.weight";
  const page = await visit({ query: `?view=inside&model=student&layer=3&tensor=${tensor}&bits=8` });
  await page.getByRole("heading", { name: "Layer 3" }).waitFor();
  expect(await shown(page.locator("tensor-panel h2"))).toBe(tensor);
  await page.locator("parameter-map .picture button").filter({ hasText: "mlp.gate_proj" }).press("Enter");
  await settles(page).toBe("?view=inside&model=student&layer=3&tensor=model.layers.3.mlp.gate_proj.weight&bits=8");
  await page.getByRole("link", { name: "Duel" }).press("Enter");
  await page.getByRole("link", { name: "Inside" }).press("Enter");
  expect(here(page)).toBe("?view=inside&model=student&layer=3&tensor=model.layers.3.mlp.gate_proj.weight&bits=8");
  await page.locator("source-picker button").first().press("Enter");
  await page.getByRole("heading", { name: "The whole model" }).waitFor();
  await settles(page).toBe("?view=inside&bits=8");
  await page.goBack();
  await page.goBack();
  await page.getByRole("heading", { name: "Layer 3" }).waitFor();
  await expect.poll(() => shown(page.locator("tensor-panel h2"))).toContain("gate_proj");
});

test("duel and bench: what is asked for comes with the address and is written into it", async () => {
  const page = await visit({ query: "?view=duel&hosted=Mixtral+8x7B&tokens=1000&method=ecologits-0.9.1-france" });
  const estimate = page.locator("energy-estimate");
  expect(await estimate.getByLabel("Hosted model", { exact: false }).and(estimate.locator("select")).inputValue()).toBe(
    "Mixtral 8x7B",
  );
  expect(await estimate.getByLabel("Tokens of the answer").inputValue()).toBe("1000");
  expect(await shown(estimate.locator("section"))).toContain("EcoLogits 0.9.1");
  await estimate.getByLabel("Method").selectOption({ index: 0 });
  await settles(page).toBe("?view=duel&hosted=Mixtral+8x7B&tokens=1000");

  const bench = await visit({ query: "?view=bench&models=synthetic-1.2b&repetitions=3&quality=no&minutes=999" });
  const checked = bench.getByRole("checkbox", { checked: true });
  await bench.locator("bench-form form").waitFor();
  expect(await checked.count()).toBe(1);
  expect(await checked.inputValue()).toBe("synthetic-1.2b");
  expect(await bench.locator("input[name=repetitions]").inputValue()).toBe("3");
  expect(await bench.locator("input[name=minutes]").inputValue()).toMatch(/^[35]$/);
  await bench.getByRole("checkbox", { name: /^synthetic-15m/ }).press("Space");
  await bench.locator("input[name=prompt]").fill("64");
  await bench.locator("input[name=prompt]").press("Tab");
  await settles(bench).toBe(
    "?view=bench&models=synthetic-15m%2Csynthetic-1.2b&repetitions=3&quality=no&prompt-tokens=64",
  );
});
