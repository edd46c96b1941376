import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseReport } from "../core/format/json.js";
import { toSvg } from "../core/plot/plot.js";

const docs = fileURLToPath(new URL("../../../../docs/", import.meta.url));

test("the plot in the documentation is of the results beside it", () => {
  const names = readdirSync(`${docs}results`).filter((name) => name.endsWith(".json"));
  expect(names.length).toBeGreaterThan(0);
  const reports = names.toSorted().map((name) => parseReport(readFileSync(`${docs}results/${name}`, "utf8"), name));
  // Anew: npm run bench -- plot docs/results/*.json --svg docs/performance.svg
  expect(readFileSync(`${docs}performance.svg`, "utf8")).toBe(toSvg(reports));
});
