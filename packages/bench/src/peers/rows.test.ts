import { expect, test } from "vitest";
import { toMarkdown } from "../core/format/markdown.js";
import { OURS, timesOurs } from "../core/format/peers.js";
import { toTable } from "../core/format/table.js";
import type { PeerRow } from "../core/report.js";
import { sampleReport, sampleRow } from "../testing/report.js";
import type { PeerTask } from "./peer.js";
import { type PeerLine, readPeerLine, rowsOf } from "./rows.js";
import { runPeers } from "./run-peers.js";

const about = { peer: "Other", version: "1.2.3", runtime: "Node 20.19.0", runsOn: "WebGPU", settings: "int4" };
const tg = { kind: "tg", tokens: 2, depth: 0 } as const;
const pp = { kind: "pp", tokens: 4, depth: 0 } as const;
const task = {
  model: "a/real-135m",
  parameters: 134_515_008,
  workloads: [pp, tg],
  reference: { prompt: [1], ids: [5, 6, 7, 8] },
};
const answer = (...ids: number[]): PeerLine => ({ type: "answer", ids });
const run = (name: string, seconds: number, ...ids: number[]): PeerLine => ({ type: "run", test: name, seconds, ids });

test("the first run warms up, the others count", () => {
  const lines = [answer(5, 6, 7, 9), run("tg2", 9, 1, 2, 3), run("tg2", 1, 1, 2, 3), run("tg2", 0.5, 1, 2, 3)];
  const [row, ...more] = rowsOf(lines, task, about);
  expect(more).toEqual([]); // pp4 was not run
  expect(row).toMatchObject({ ...tg, ...about, model: "a/real-135m", agreement: { same: 3, of: 4 } });
  expect(row!.tokensPerSecond.samples).toEqual([2, 4]);
});

test.each([
  {
    why: "an answer of another model",
    lines: [answer(5, 9, 7, 8)],
    message: "the reference answer begins with 5 6 7 8; here it was 5 9 7 8",
  },
  { why: "no answer", lines: [run("tg2", 1, 1)], message: "here it was nothing" },
  {
    why: "runs that differ",
    lines: [answer(5, 6, 7, 8), run("pp4", 1, 1), run("pp4", 1, 1), run("pp4", 1, 2)],
    message: "pp4: run 2 gave token 2 where the first gave token 1, at place 0",
  },
])("no row for $why", ({ lines, message }) => {
  expect(() => rowsOf(lines, task, about)).toThrow(message);
});

test("an answer that is right on weights that had to be changed has a row, which says so", () => {
  const lines = [answer(9, 9, 9, 9), run("tg2", 1, 1), run("tg2", 1, 1)];
  const [row] = rowsOf(lines, task, about, [9, 9, 9, 8]);
  expect(row).toMatchObject({
    agreement: { same: 0, of: 4 },
    settings: "int4; 3 of 4 ids as transformers on these changed weights",
  });
  expect(rowsOf([answer(5, 6, 7, 8), ...lines.slice(1)], task, about, [9, 9, 9, 8])[0]!.settings).toBe("int4");
});

test("the path that a peer says it ran is the row's", () => {
  const lines: PeerLine[] = [{ type: "about", runsOn: "wasm on the CPU" }, answer(5, 6, 7, 8)];
  const [row] = rowsOf([...lines, run("tg2", 1, 1), run("tg2", 1, 1)], task, about);
  expect(row!.runsOn).toBe("wasm on the CPU");
});

test("an engine in a browser is held against ours in that browser", () => {
  const [row] = rowsOf([answer(5, 6, 7, 8), run("tg2", 1, 1), run("tg2", 1, 1)], task, about); // 2 tokens/s
  const inBrowser = { ...row!, runtime: "Chromium 143" };
  const ours = { ...inBrowser, peer: OURS, tokensPerSecond: { mean: 6, deviation: 0, samples: [6] } };
  const report = (rows: readonly PeerRow[]) =>
    sampleReport({ rows: [sampleRow({ ...tg })], peers: { rows, failed: [], skipped: [] } });
  expect(timesOurs(report([ours, inBrowser]), inBrowser)).toEqual({ ratio: 3, elsewhere: false });
  expect(timesOurs(report([inBrowser]), inBrowser)).toEqual({ ratio: 10, elsewhere: true });
  expect(timesOurs(report([ours, row!]), row!)).toEqual({ ratio: 10, elsewhere: false });
  expect(timesOurs(report([ours]), ours)).toBeUndefined();
});

test("a process's lines", () => {
  for (const line of [{ type: "about", runsOn: "CPU" }, answer(1, 2), run("tg2", 0.1, 3)])
    expect(readPeerLine(JSON.stringify(line))).toEqual(line);
});

test.each(['{"type":"other","ids":[]}', '{"type":"run","test":"tg2","seconds":0,"ids":[1]}', '{"type":"answer"}'])(
  "%s means nothing",
  (text) => {
    expect(() => readPeerLine(text)).toThrow("wrote a line that means nothing");
  },
);

test("what cannot start is listed with its error, and the others are measured", async () => {
  const [row] = rowsOf([answer(5, 6, 7, 8), run("tg2", 1, 1), run("tg2", 1, 1)], task, about);
  const broken = { name: "Broken", measure: () => Promise.reject(new Error("npm: exit status 1")) };
  const sound = { name: "Other", measure: () => Promise.resolve([row!]) };
  const options = { ...task, signal: new AbortController().signal } as unknown as PeerTask;
  const peers = await runPeers(options, [broken, sound]);
  expect(peers).toEqual({
    rows: [row],
    failed: [{ peer: "Broken", reason: { code: "error", message: "npm: exit status 1" } }],
    skipped: [{ peer: "Other", test: "pp4", reason: { code: "budget" } }],
  });
  const report = sampleReport({ rows: [sampleRow({ ...tg })], peers });
  expect(toTable(report).split("\n")).toEqual(
    expect.arrayContaining([
      "engine       in            runs on  test     tokens/s  ours / theirs  ids as ours",
      "Other 1.2.3  Node 20.19.0  WebGPU   tg2   2.00 ± 0.00          10.00       4 of 4",
      "Other: int4",
      "failed: Broken: npm: exit status 1",
      "skipped: Other, pp4: does not fit the budget",
    ]),
  );
  expect(toMarkdown(report)).toContain("| Other 1.2.3 | Node 20.19.0 | WebGPU | tg2 | 2.00 ± 0.00 | 10.00 | 4 of 4 |");
});
