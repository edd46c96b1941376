import { expect, test } from "vitest";
import { ownPart, queryFor, viewOf } from "./route.js";

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
  expect(queryFor("race", at("?view=x&lang=fr&text=y#text=z"))).toBe("?lang=fr");
  expect(queryFor("race", at("?view=x"))).toBe("?");
  expect(queryFor("race", at("?lang=fr"), { lang: "en" })).toBe("?lang=en");
});

test("what is the whole page's goes along: models, theme, sampling, and the system prompt in the fragment", () => {
  const from = at("?view=inside&layer=3&teacher=a/b&teacher-bits=8&theme=dark&top-k=5#system=Be%20brief.&text=z");
  expect(queryFor("bench", from)).toBe(
    "?view=bench&teacher=a%2Fb&teacher-bits=8&theme=dark&top-k=5#system=Be%20brief.",
  );
});

test("a view that is opened again gets its own part back, beside the page's settings of now", () => {
  const own = ownPart(at("?view=inside&lang=fr&layer=3&temperature=1#system=old&text=z"));
  expect(own).toBe("?layer=3#text=z");
  expect(queryFor("inside", at("?view=bench&temperature=0.5#system=new"), { own })).toBe(
    "?view=inside&temperature=0.5&layer=3#system=new&text=z",
  );
  expect(queryFor("same", at("?view=race"), { own: ownPart(at("?view=same#text=a%26b")) })).toBe(
    "?view=same#text=a%26b",
  );
});
