import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { nodeFolder } from "../sources/node-fs.js";
import type { Source } from "../sources/source.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { folder, safetensors, withHeader } from "../testing/safetensors.js";
import { openCheckpoint } from "./safetensors.js";

const SHARD = "model-00003-of-00006.safetensors";
const INDEX = "model.safetensors.index.json";

/** The sharded fixture with some of its files replaced; `null` leaves one out. */
async function sharded(changes: Record<string, Uint8Array | string | null>): Promise<Source> {
  const names = [INDEX, ...[1, 2, 3, 4, 5, 6].map((n) => `model-0000${n}-of-00006.safetensors`)];
  const contents: Record<string, Uint8Array | string> = {};
  for (const name of names) contents[name] = await readFile(`${fixture("llama3-rope")}/${name}`);
  for (const [name, content] of Object.entries(changes)) {
    if (content === null) delete contents[name];
    else contents[name] = content;
  }
  return folder(contents);
}

function counting(source: Source): { source: Source; reads: number[] } {
  const reads: number[] = [];
  const read: Source["read"] = (path, options) => {
    reads.push(options.end - options.start);
    return source.read(path, options);
  };
  return { source: { ...source, read }, reads };
}

test("one file: every tensor with type, shape and place, by one read", async () => {
  const { source, reads } = counting(nodeFolder(fixture("llama-tied")));
  const checkpoint = await openCheckpoint(source);
  expect(checkpoint.bytes).toBe(264_864);
  expect(checkpoint.tensors.size).toBe(20);
  expect(checkpoint.tensors.get("model.layers.0.mlp.down_proj.weight")).toEqual({
    name: "model.layers.0.mlp.down_proj.weight",
    dtype: "BF16",
    shape: [64, 192],
    file: "model.safetensors",
    start: 8 + 2072 + 65_664,
    end: 8 + 2072 + 90_240,
  });
  expect(reads).toEqual([65_536]);
});

test("shards: all tensors of the index, and the bytes of all files", async () => {
  const checkpoint = await openCheckpoint(nodeFolder(fixture("llama3-rope")));
  expect(checkpoint.tensors.size).toBe(21);
  expect(checkpoint.bytes).toBe(65_664 + 49_704 + 58_144 + 41_408 + 65_656 + 50_056);
  expect(checkpoint.tensors.get("lm_head.weight")?.file).toBe("model-00005-of-00006.safetensors");
});

test("any bytes of any tensor, in any order", async () => {
  const checkpoint = await openCheckpoint(nodeFolder(fixture("llama3-rope")));
  const file = await readFile(`${fixture("llama3-rope")}/${SHARD}`);
  const info = checkpoint.tensors.get("model.layers.0.mlp.up_proj.weight")!;
  for (const [start, end] of [
    [24_575, 24_576],
    [0, 1],
    [1, 12_346],
    [24_576, 24_576],
  ] as const) {
    const bytes = await checkpoint.readBytes(info, start, end);
    expect(Buffer.from(bytes).equals(file.subarray(info.start + start, info.start + end))).toBe(true);
  }
  await expect(checkpoint.readBytes(info, 0, 24_577)).rejects.toThrow("has 24576 bytes; 0 to 24577 were asked for");
});

test("a header longer than the first read", async () => {
  const tensors = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [
      `t${i}`,
      { dtype: "U8" as const, shape: [1], data: Uint8Array.of(i % 256) },
    ]),
  );
  const { source, reads } = counting(folder({ "model.safetensors": safetensors(tensors) }));
  const checkpoint = await openCheckpoint(source);
  expect(reads.length).toBe(2);
  expect(await checkpoint.readBytes(checkpoint.tensors.get("t1999")!, 0, 1)).toEqual(Uint8Array.of(1999 % 256));
});

test("a claimed 10 GB are never asked for", async () => {
  const { source, reads } = counting(folder({ "model.safetensors": withHeader("{}", 0, 10_000_000_000n) }));
  expect(await failure(() => openCheckpoint(source))).toContain("claims a header of 10000000000 bytes");
  expect(reads).toEqual([10]);
});

test.each([100, 3, 58_143])("a shard cut to %i bytes", async (bytes) => {
  const whole = await readFile(`${fixture("llama3-rope")}/${SHARD}`);
  const source = await sharded({ [SHARD]: whole.subarray(0, bytes) });
  const found = await failure(() => openCheckpoint(source));
  expect(found).toContain(`checkpoint-cut: ${SHARD} has ${bytes} bytes; `);
  expect(found).toContain("fetch it again");
});

test("a shard that is not there", async () => {
  expect(await failure(async () => openCheckpoint(await sharded({ [SHARD]: null })))).toBe(
    `checkpoint-index: ${SHARD} is not in the 6 chosen files; ${INDEX} names 6 shards and it is one of them. Fetch the missing file.`,
  );
});

test("a tensor that is not in its shard", async () => {
  const source = await sharded({
    [SHARD]: safetensors({ other: { dtype: "U8", shape: [1], data: Uint8Array.of(1) } }),
  });
  expect(await failure(() => openCheckpoint(source))).toBe(
    `checkpoint-index: model.layers.0.input_layernorm.weight should be in ${SHARD} by ${INDEX}, but that shard does not hold it. Index and shards are of different exports; fetch all of them again.`,
  );
});

test("where two shards hold a tensor of one name, the index decides", async () => {
  const one = (value: number) => ({ t: { dtype: "U8" as const, shape: [1], data: Uint8Array.of(value) } });
  const extra = { u: { dtype: "U8" as const, shape: [1], data: Uint8Array.of(9) } };
  for (const [chosen, value] of [
    ["a.safetensors", 1],
    ["b.safetensors", 2],
  ] as const) {
    const checkpoint = await openCheckpoint(
      folder({
        "a.safetensors": safetensors({ ...one(1), v: extra.u }),
        "b.safetensors": safetensors({ ...one(2), ...extra }),
        [INDEX]: JSON.stringify({ weight_map: { t: chosen, u: "b.safetensors", v: "a.safetensors" } }),
      }),
    );
    expect(await checkpoint.readBytes(checkpoint.tensors.get("t")!, 0, 1)).toEqual(Uint8Array.of(value));
  }
});

const indexes = [
  {
    why: "without a weight_map",
    index: "{}",
    error: `checkpoint-index: ${INDEX} in the 7 chosen files has no weight_map with tensors in it. Fetch the file again.`,
  },
  {
    why: "that is a list",
    index: "[]",
    error: `checkpoint-index: ${INDEX} in the 7 chosen files has no weight_map with tensors in it. Fetch the file again.`,
  },
  {
    why: "that maps to a number",
    index: '{"weight_map":{"a":1}}',
    error: `checkpoint-index: ${INDEX} says that a is in 1; the name of a safetensors file was expected. Fetch the index again.`,
  },
  {
    why: "that maps to another kind of file",
    index: '{"weight_map":{"a":"x.bin"}}',
    error: `checkpoint-index: ${INDEX} says that a is in "x.bin"; the name of a safetensors file was expected. Fetch the index again.`,
  },
  {
    why: "that leads out of the folder",
    index: '{"weight_map":{"a":"../../x.safetensors"}}',
    error:
      'source-not-found: "../../x.safetensors" is not a path inside a model\'s folder. Use a relative path with forward slashes, without "..".',
  },
];
test.each(indexes)("an index $why", async ({ index, error }) => {
  expect(await failure(async () => openCheckpoint(await sharded({ [INDEX]: index })))).toBe(error);
});

const without = [
  { why: "nothing", contents: { "config.json": "{}" }, hint: "Check the name, and that the copy is complete." },
  {
    why: "pickles",
    contents: { "pytorch_model.bin": "x" },
    hint: "It has pytorch_model.bin (PyTorch's pickle format), which is not supported: use a copy of the model in safetensors.",
  },
];
test.each(without)("a folder with $why", async ({ contents, hint }) => {
  expect(await failure(() => openCheckpoint(folder(contents)))).toBe(
    `checkpoint-not-found: the 1 chosen files has neither model.safetensors nor ${INDEX}. ${hint}`,
  );
});

test("a source that gives fewer bytes than asked for is found out", async () => {
  const whole = nodeFolder(fixture("llama-tied"));
  const short: Source = { ...whole, read: async (path, options) => (await whole.read(path, options)).subarray(1) };
  expect(await failure(() => openCheckpoint(short))).toBe(
    `checkpoint-cut: ${fixture("llama-tied")} gave 65535 bytes of model.safetensors; 65536 were asked for. The file changed while it was read; load again.`,
  );
});

test("an abort", async () => {
  const reason = new Error("enough");
  const source = nodeFolder(fixture("llama3-rope"));
  await expect(openCheckpoint(source, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  const checkpoint = await openCheckpoint(source);
  const info = checkpoint.tensors.get("lm_head.weight")!;
  await expect(checkpoint.readBytes(info, 0, 4, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
