import { expect, test } from "vitest";
import { queryFor, viewOf } from "./route.js";

const at = (query: string) => new URL(`http://localhost/some/path/${query}`);

test.each([
  { query: "", why: "no view named" },
  { query: "?view=race", why: "the first, by name" },
  { query: "?view=constructor", why: "a name of every object" },
  { query: "?view=nowhere&lang=fr", why: "a view that is not there" },
])("$query opens the race: $why", ({ query }) => {
  expect(viewOf(at(query))).toBe("race");
});

test("a link keeps the language and drops the old view's settings", () => {
  expect(queryFor("race", at("?view=x&lang=fr&text=y"))).toBe("?lang=fr");
  expect(queryFor("race", at("?view=x"))).toBe("?");
  expect(queryFor("race", at("?lang=fr"), "en")).toBe("?lang=en");
});
