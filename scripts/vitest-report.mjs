/**
 * Counts vitest's JSON report. A file that could not be loaded, an error outside any test and a run without a single
 * test count as one failure each: vitest's own numbers say nothing of them.
 *
 * @param {string} name - of the package
 * @param {number} status - vitest's exit status
 * @param {object | undefined} report - what `--reporter=json` wrote, if it wrote anything
 */
export function countVitest(name, status, report) {
  const failures = [];
  const skipped = [];
  let passed = 0;
  for (const file of report?.testResults ?? []) {
    if (file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed")) {
      failures.push(`${name}: ${file.name} ${file.message}`.trim());
    }
    for (const test of file.assertionResults) {
      const title = `${name}: ${test.fullName}`;
      if (test.status === "passed") passed++;
      else if (test.status === "failed") failures.push(title);
      else skipped.push(title);
    }
  }
  if (failures.length === 0 && status !== 0) failures.push(`${name}: vitest ended with status ${status}`);
  if (failures.length === 0 && passed === 0) failures.push(`${name}: no test ran`);
  return { passed, failures, skipped };
}
