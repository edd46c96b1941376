import { marked } from "marked";
import { describe, expect, test } from "vitest";
import { GrowingMarkdown, MARKDOWN } from "./growing-markdown.js";

/** Marked alone: what is made safe afterwards is checked in the browser, which it needs. */
const render = (text: string) => marked.parse(text, MARKDOWN);

const TEXTS = {
  "paragraphs and breaks": "One.\nStill one.\n\nTwo *with* marks.\n\n\n\nThree.",
  headings: "# Title\nText under it\nA title by its line\n===\nmore\n\n## Second\n\nlast",
  "a numbered list with spaces between": "Three tips:\n\n1. **One**: a.\n\n2. **Two**: b.\n\n3. c\n\nThat is all.",
  "nested lists": "- a\n  - b\n    - c\n- d\n\n  still d\n\n* another list\n\n- and another",
  "code with blank lines": "Here:\n\n```python\ndef f(x):\n\n    return x[::-1]\n\n# - not a list\n```\n\nIt reverses.",
  "indented code": "text\n\n    code\n\n    more code\n\ntext",
  quotes: "> quoted\nlazily\n\n> again\n\nout",
  tables: "A table:\n\n| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\nafter",
  rules: "a\n\n---\n\nb\n***\nc",
  html: "<div>\nin\n\n</div>\n\n<script>\nlet a;\n\nlet b;\n</script>\n\nout",
  "lines of Windows": "a\r\n\r\n- b\r\n- c\r\n\r\nd",
};

describe.each(Object.entries(TEXTS))("%s", (_, text) => {
  test("read piece by piece becomes what it becomes in one, at every length", () => {
    for (const step of [1, 3, 7]) {
      const growing = new GrowingMarkdown(render);
      for (let length = step; length < text.length + step; length += step) {
        const read = text.slice(0, length);
        growing.update(read);
        // Between blocks, white space is not seen.
        const tight = (html: string) => html.replace(/>\s+</g, "><").trim();
        expect(tight(growing.parts.join("")), JSON.stringify(read)).toBe(tight(render(read)));
      }
    }
  });
});

test("what is settled is made once: the work of a long answer grows with its length, not with its square", () => {
  let characters = 0;
  const growing = new GrowingMarkdown((text) => {
    characters += text.length;
    return render(text);
  });
  let text = "";
  for (let paragraph = 0; paragraph < 200; paragraph++) {
    for (let word = 0; word < 20; word++) {
      text += word < 19 ? "word " : "word\n\n";
      growing.update(text);
    }
  }
  expect(characters).toBeLessThan(text.length * 40);
});

test("another text begins anew", () => {
  const growing = new GrowingMarkdown(render);
  growing.update("one\n\ntwo\n\nthree");
  growing.update("four");
  expect(growing.parts.join("")).toBe("<p>four</p>\n");
});
