import { expect, test } from "vitest";
import { shortened } from "./short-wgsl.js";

test("comments, indentation and empty lines are left out, and nothing else", () => {
  const wgsl = "// y = x\n\nfn main() {\n  let a = b - -c; // both signs\n\tlet half = n / 2u;\n}\n";
  expect(shortened(wgsl)).toBe("fn main() {\nlet a = b - -c;\nlet half = n / 2u;\n}");
});

test("a block comment is refused", () => {
  expect(() => shortened("/* y = x */ fn main() {}")).toThrow("Write // before each of its lines");
});
