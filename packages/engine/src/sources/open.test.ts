import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { files } from "./files.js";
import { openSource } from "./open.js";

const folder = fixture("llama-tied");

const cases = [
  { why: "a folder", given: folder, name: folder },
  { why: "a file: address", given: pathToFileURL(folder), name: folder },
  { why: "an address", given: "http://localhost:1/models/a", name: "http://localhost:1/models/a/" },
  { why: "a Hub-like address", given: "http://localhost:1/a/b/resolve/v1/", name: "a/b@v1" },
  {
    why: "one with a key, which is left as it is",
    given: "http://h/a/b/resolve/v1/?key=1",
    name: "http://h/a/b/resolve/v1/",
  },
  { why: "a URL", given: new URL("https://example.org/m/?x=1"), name: "https://example.org/m/" },
  { why: "a Hub id", given: "HuggingFaceTB/SmolLM2-135M-Instruct", name: "HuggingFaceTB/SmolLM2-135M-Instruct" },
  { why: "a Hub id with a revision", given: " a/b.c@v1.0 ", name: "a/b.c@v1.0" },
  { why: "a Hub page", given: "https://huggingface.co/Qwen/Qwen3-0.6B", name: "Qwen/Qwen3-0.6B" },
  { why: "a Hub page of a revision", given: "https://huggingface.co/a/b/tree/refs%2Fpr%2F1", name: "a/b@refs/pr/1" },
];
test.each(cases)("$why", async ({ given, name }) => {
  expect((await openSource(given)).name).toBe(name);
});

test("an existing folder wins over a Hub id of the same spelling", async () => {
  expect((await openSource("src/sources")).name).toBe("src/sources"); // tests run in the package's folder
});

test("files, and a source of one's own", async () => {
  const source = files([new File(["{}"], "config.json")]);
  expect(await openSource(source)).toBe(source);
  expect(await (await openSource([new File(["{}"], "config.json")])).size("config.json")).toBe(2);
});

test.each(["./no-such-folder", "/no/such/folder", "gpt2", "a/b/c", "", "a b/c", "~/models/x", "ftp://a/b"])(
  "%j is none of these",
  async (text) => {
    expect(await failure(() => openSource(text))).toBe(
      `source-unknown: ${JSON.stringify(text)} is no folder here, no http(s) address, and no Hub id such as "HuggingFaceTB/SmolLM2-135M-Instruct". Check the spelling.`,
    );
  },
);

test("a file instead of its folder, and no files at all", async () => {
  expect(await failure(() => openSource(`${folder}/config.json`))).toContain("is a file. Pass the folder it lies in");
  expect(await failure(() => openSource([]))).toContain("No files were given.");
});
