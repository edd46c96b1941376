import { expect, test } from "vitest";
import { shown, useBrowser } from "../test-support/browser.js";

const { visit } = useBrowser();

test("a load is told in bytes, can be stopped, and can be tried again", async () => {
  const page = await visit();
  const requests: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  await page.getByRole("button", { name: "Load the pair (167 MB)" }).press("Enter");
  const progress = page.getByRole("progressbar", { name: "Loading the pair" });
  await progress.waitFor();
  await expect
    .poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value), { timeout: 60_000 })
    .toBeGreaterThan(5e6);
  expect(await shown(page.locator("load-progress .row"))).toMatch(/\d+ MB of 167 MB/);
  expect(await shown(page.locator("status-bar footer"))).toMatch(/loading \d+ MB of 167 MB/);

  await page.getByRole("button", { name: "Stop loading" }).press("Enter");
  await page.getByText(/^Stopped at \d+ MB of 167 MB\.$/).waitFor();
  await expect.poll(() => page.workers().length).toBe(0);
  const after = requests.length;
  await page.waitForTimeout(500);
  expect(requests.length, "no request after the stop").toBe(after);

  await page.getByRole("button", { name: "Try again (167 MB)" }).press("Enter");
  await expect
    .poll(() => progress.evaluate((bar: HTMLProgressElement) => bar.value), { timeout: 60_000 })
    .toBeGreaterThan(5e6);
});

test("a file that is not there is said, with the engine's words and a way on", async () => {
  const page = await visit({ query: "?lang=fr" });
  await page.route("**/model-00002-of-00003.safetensors", (route) => route.fulfill({ status: 404 }));
  await page.getByRole("button", { name: /^Charger la paire/ }).press("Enter");
  const message = page.getByRole("alert");
  await message.getByText("La paire n’a pas pu être chargée").waitFor({ timeout: 60_000 });
  expect(await shown(message)).toContain("Un fichier de la paire manque, est coupé ou modifié.");
  await message.locator("summary").press("Enter");
  expect(await shown(message.locator("details p"))).toContain("model-00002-of-00003.safetensors");

  await page.unroute("**/model-00002-of-00003.safetensors");
  await message.getByRole("button", { name: "Réessayer" }).press("Enter");
  await page.getByRole("progressbar", { name: "Chargement de la paire" }).waitFor();
});
