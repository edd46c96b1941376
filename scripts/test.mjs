import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./pnpm.mjs";
import { build, runStep } from "./run-step.mjs";
import { countVitest } from "./vitest-report.mjs";

/**
 * Every check and every test of the workspace. A failure does not stop the rest, so that one run tells the whole story;
 * the last line is `N passed, N failed`, where a check counts as one test.
 *
 * @returns the exit status
 */
export async function test() {
  const packages = readdirSync(join(root, "packages")).filter((name) => existsSync(packagePath(name, "package.json")));
  const outcomes = [
    await check("format and lint", "biome", ["ci", "."]),
    await check("unused code", "knip", []),
    await timed("build", async () => asCount("build", await build())),
  ];
  for (const name of packages) {
    if (existsSync(packagePath(name, "tsconfig.json"))) {
      outcomes.push(await check(`types of ${name}`, "tsc", ["-p", packagePath(name)]));
    }
  }
  const reports = mkdtempSync(join(tmpdir(), "alambic-test-"));
  for (const name of packages) {
    if (!existsSync(packagePath(name, "vitest.config.ts"))) continue;
    outcomes.push(await timed(`tests of ${name}`, () => vitest(name, join(reports, `${name}.json`))));
  }
  rmSync(reports, { recursive: true, force: true });
  return conclude(outcomes);
}

function packagePath(name, ...below) {
  return join(root, "packages", name, ...below);
}

function check(title, command, args) {
  return timed(title, async () => asCount(title, await runStep(command, args)));
}

function asCount(title, status) {
  return status === 0 ? { passed: 1, failures: [] } : { passed: 0, failures: [title] };
}

async function vitest(name, outputFile) {
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${outputFile}`, "--allowOnly=false"];
  const status = await runStep("vitest", args, { cwd: packagePath(name) });
  const report = existsSync(outputFile) ? JSON.parse(readFileSync(outputFile, "utf8")) : undefined;
  return countVitest(name, status, report);
}

async function timed(title, run) {
  const start = performance.now();
  console.log(`\n== ${title}`);
  const outcome = await run();
  const seconds = (performance.now() - start) / 1000;
  console.log(`== ${title}: ${outcome.failures.length === 0 ? "ok" : "FAILED"}, ${seconds.toFixed(1)} s`);
  return outcome;
}

function conclude(outcomes) {
  const passed = outcomes.reduce((sum, outcome) => sum + outcome.passed, 0);
  const failures = outcomes.flatMap((outcome) => outcome.failures);
  const skipped = outcomes.flatMap((outcome) => outcome.skipped ?? []);
  console.log();
  for (const name of skipped) console.log(`skipped: ${name}`);
  for (const name of failures) console.log(`failed: ${name}`);
  console.log(`${passed} passed, ${failures.length} failed`);
  return failures.length === 0 ? 0 : 1;
}
