import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Duel } from "./duel.js";
import { decodeDuel, encodeDuel } from "./share.js";

const DUEL: Duel = {
  prompt: "Qu’est-ce qu’un paramètre ? 🙂\n<script>alert(1)</script>",
  answers: {
    a: { contender: { name: "A-1", parameters: 134_515_008 }, text: "Un nombre.", tokens: 4 },
    b: { contender: { name: "B-2", parameters: 81_413_568 }, text: "مرحبا", tokens: 0 },
  },
};

const pack = (text: string) => deflateRawSync(text).toString("base64url");

describe("a shared duel", () => {
  it("comes back as it was, without the vote and what was measured", async () => {
    const cost = { milliseconds: 1000, bytesRead: 1e9 };
    const voted = { ...DUEL, answers: { ...DUEL.answers, a: { ...DUEL.answers.a, cost } } };
    const encoded = await encodeDuel({ ...voted, vote: { choice: "a", reasons: ["clear"] } });
    expect(encoded).toMatch(/^[\w-]+$/);
    expect(await decodeDuel(encoded)).toEqual(DUEL);
  });

  it("is short enough for an address", async () => {
    const text = Array.from({ length: 250 }, (_, i) => `word${i % 60}`).join(" ");
    const { a, b } = DUEL.answers;
    const encoded = await encodeDuel({ ...DUEL, answers: { a: { ...a, text }, b: { ...b, text } } });
    expect(encoded.length).toBeLessThan(2000);
  });

  it.each([
    ["nothing", ""],
    ["no base64url", "a b"],
    ["base64url of no deflate stream", "AAAA"],
    ["a cut one", pack(JSON.stringify([1, "p", ["n", 1, 1, "t"], ["n", 1, 1, "t"]])).slice(0, -6)],
    ["no JSON", pack("hello")],
    ["another version", pack(JSON.stringify([2, "p", ["n", 1, 1, "t"], ["n", 1, 1, "t"]]))],
    ["one answer", pack(JSON.stringify([1, "p", ["n", 1, 1, "t"]]))],
    ["a text that is none", pack(JSON.stringify([1, "p", ["n", 1, 1, { html: "x" }], ["n", 1, 1, "t"]]))],
    ["a negative size", pack(JSON.stringify([1, "p", ["n", -1, 1, "t"], ["n", 1, 1, "t"]]))],
    ["a bomb", pack(JSON.stringify([1, "p".repeat(50e6), ["n", 1, 1, "t"], ["n", 1, 1, "t"]]))],
  ])("is refused when it is %s", async (_, encoded) => {
    expect(await decodeDuel(encoded)).toBeUndefined();
  });
});
