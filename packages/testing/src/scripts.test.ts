import { expect, test } from "vitest";
import { isRecentEnough } from "../../../scripts/node-version.mjs";
import { countVitest } from "../../../scripts/vitest-report.mjs";

test.each([
  ["18.20.8", false],
  ["20.18.3", false],
  ["20.19.0", true],
  ["20.20.2", true],
  ["21.7.3", false],
  ["22.11.0", false],
  ["22.12.0", true],
  ["23.0.0", true],
  ["24.1.0", true],
])("Node %s is recent enough: %s", (version, expected) => {
  expect(isRecentEnough(version)).toBe(expected);
});

const passed = { status: "passed", fullName: "adds" };
const failed = { status: "failed", fullName: "divides" };
const skipped = { status: "skipped", fullName: "multiplies" };

test.each([
  {
    why: "passes, failures and skips are told apart",
    status: 1,
    report: {
      testResults: [{ name: "a.test.ts", status: "failed", message: "", assertionResults: [passed, failed, skipped] }],
    },
    expected: { passed: 1, failures: ["kernels: divides"], skipped: ["kernels: multiplies"] },
  },
  {
    why: "a file that does not load is a failure",
    status: 1,
    report: {
      testResults: [
        { name: "a.test.ts", status: "passed", message: "", assertionResults: [passed] },
        { name: "b.test.ts", status: "failed", message: "SyntaxError", assertionResults: [] },
      ],
    },
    expected: { passed: 1, failures: ["kernels: b.test.ts SyntaxError"], skipped: [] },
  },
  {
    why: "an error outside the tests is a failure",
    status: 1,
    report: { testResults: [{ name: "a.test.ts", status: "passed", message: "", assertionResults: [passed] }] },
    expected: { passed: 1, failures: ["kernels: vitest ended with status 1"], skipped: [] },
  },
  {
    why: "a run without tests is a failure",
    status: 0,
    report: { testResults: [] },
    expected: { passed: 0, failures: ["kernels: no test ran"], skipped: [] },
  },
  {
    why: "a run without a report is a failure",
    status: 1,
    report: undefined,
    expected: { passed: 0, failures: ["kernels: vitest ended with status 1"], skipped: [] },
  },
])("counting vitest's report: $why", ({ status, report, expected }) => {
  expect(countVitest("kernels", status, report)).toEqual(expected);
});
