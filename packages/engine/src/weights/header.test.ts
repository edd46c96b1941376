import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { withHeader } from "../testing/safetensors.js";
import { headerLength, parseHeader } from "./header.js";

/** Reads a whole file's header, as `openCheckpoint` does. */
function read(file: Uint8Array) {
  const length = headerLength("a.safetensors", file.subarray(0, 8), file.length);
  return parseHeader("a.safetensors", file.subarray(8, 8 + length), file.length);
}

const entry = (dtype: unknown, shape: unknown, data_offsets: unknown) => ({ dtype, shape, data_offsets });
const file = (header: unknown, dataBytes: number) => withHeader(JSON.stringify(header), dataBytes);

const sound: { why: string; header: object; bytes: number; names: string[] }[] = [
  { why: "no tensors", header: {}, bytes: 0, names: [] },
  {
    why: "one tensor, and metadata",
    header: { __metadata__: { format: "pt" }, a: entry("F32", [2, 3], [0, 24]) },
    bytes: 24,
    names: ["a"],
  },
  { why: "a single number", header: { a: entry("BF16", [], [0, 2]) }, bytes: 2, names: ["a"] },
  {
    why: "a tensor without numbers",
    header: { a: entry("F32", [0, 7], [0, 0]), b: entry("U8", [3], [0, 3]) },
    bytes: 3,
    names: ["a", "b"],
  },
  {
    why: "entries out of order",
    header: { b: entry("U8", [3], [2, 5]), a: entry("F16", [1], [0, 2]) },
    bytes: 5,
    names: ["b", "a"],
  },
  {
    why: "types of less than a byte",
    header: { a: entry("F4", [2, 4], [0, 4]), b: entry("F6_E2M3", [4], [4, 7]) },
    bytes: 7,
    names: ["a", "b"],
  },
  {
    why: "names that objects have of their own",
    header: { constructor: entry("U8", [1], [0, 1]), ["__proto__"]: entry("U8", [1], [1, 2]) },
    bytes: 2,
    names: ["constructor", "__proto__"],
  },
];
test.each(sound)("sound: $why", ({ header, bytes, names }) => {
  expect(read(file(header, bytes)).map(({ name }) => name)).toEqual(names);
});

test("offsets are counted from the file's own start, spaces after the header included", () => {
  const bytes = withHeader('{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}    ', 8);
  expect(read(bytes)).toEqual([
    { name: "a", dtype: "I64", shape: [1], file: "a.safetensors", start: bytes.length - 8, end: bytes.length },
  ]);
});

const two = (a: unknown, b: unknown) => ({ a, b });
const hostile: { why: string; bytes: Uint8Array; error: string }[] = [
  {
    why: "10 GB claimed",
    bytes: withHeader("{}", 0, 10_000_000_000n),
    error: "claims a header of 10000000000 bytes; the format allows 100000000",
  },
  {
    why: "2^64 - 1 claimed",
    bytes: withHeader("{}", 0, 2n ** 64n - 1n),
    error: "claims a header of 18446744073709551615 bytes",
  },
  {
    why: "not UTF-8",
    bytes: withHeader(Uint8Array.of(0x7b, 0xff, 0x7d)),
    error: "has a header that is not UTF-8 text",
  },
  { why: "not JSON", bytes: withHeader("{a}"), error: "has a header that is not JSON" },
  { why: "empty", bytes: withHeader(""), error: "has a header that is not JSON" },
  { why: "a byte order mark", bytes: withHeader("\ufeff{}"), error: "has a header that is not JSON" },
  { why: "an array", bytes: withHeader("[]"), error: "has a header that is not a JSON object" },
  { why: "null", bytes: withHeader("null"), error: "has a header that is not a JSON object" },
  {
    why: "a tensor twice",
    bytes: withHeader(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      1,
    ),
    error: 'names "a" twice in its header',
  },
  {
    why: "metadata that is no map",
    bytes: file({ __metadata__: "pt" }, 0),
    error: "has a __metadata__ that is not a map of strings",
  },
  {
    why: "metadata of numbers",
    bytes: file({ __metadata__: { a: 1 } }, 0),
    error: "has a __metadata__ that is not a map of strings",
  },
  {
    why: "an entry that is no object",
    bytes: file({ a: [1] }, 1),
    error: "describes a by [1]; an object was expected",
  },
  {
    why: "an unknown type",
    bytes: file({ a: entry("F31", [1], [0, 4]) }, 4),
    error: 'gives a the unknown dtype "F31"',
  },
  {
    why: "a type that every object has",
    bytes: file({ a: entry("constructor", [1], [0, 4]) }, 4),
    error: 'gives a the unknown dtype "constructor"',
  },
  {
    why: "no type",
    bytes: file({ a: { shape: [1], data_offsets: [0, 4] } }, 4),
    error: "gives a the unknown dtype nothing",
  },
  {
    why: "a negative length",
    bytes: file({ a: entry("U8", [-1, -1], [0, 1]) }, 1),
    error: "gives a the shape [-1,-1]; whole numbers were expected",
  },
  {
    why: "half a length",
    bytes: file({ a: entry("U8", [0.5, 2], [0, 1]) }, 1),
    error: "gives a the shape [0.5,2]; whole numbers were expected",
  },
  {
    why: "a shape that overflows",
    bytes: file({ a: entry("U8", [2 ** 40, 2 ** 40], [0, 1]) }, 1),
    error: "which is too large to exist",
  },
  {
    why: "a shape that overflows to zero elsewhere",
    bytes: file({ a: entry("U8", [2 ** 32, 2 ** 32], [0, 0]) }, 0),
    error: "which is too large to exist",
  },
  {
    why: "one offset",
    bytes: file({ a: entry("U8", [1], [1]) }, 1),
    error: "gives a the data_offsets [1]; [start, end] was expected",
  },
  {
    why: "a negative offset",
    bytes: file({ a: entry("U8", [2], [-1, 1]) }, 1),
    error: "gives a the data_offsets [-1,1]; [start, end] was expected",
  },
  {
    why: "offsets in the wrong order",
    bytes: file({ a: entry("U8", [1], [1, 0]) }, 1),
    error: "gives a the bytes 1 to 0; U8 [1] takes 1 bytes",
  },
  {
    why: "more bytes than the shape takes",
    bytes: file({ a: entry("F16", [3], [0, 8]) }, 8),
    error: "gives a the bytes 0 to 8; F16 [3] takes 6 bytes",
  },
  {
    why: "fewer bytes than the shape takes",
    bytes: file({ a: entry("F32", [2, 2], [0, 12]) }, 12),
    error: "gives a the bytes 0 to 12; F32 [2,2] takes 16 bytes",
  },
  {
    why: "half a byte",
    bytes: file({ a: entry("F4", [3], [0, 2]) }, 2),
    error: "gives a 12 bits as F4 [3]; whole bytes were expected",
  },
  {
    why: "overlap",
    bytes: file(two(entry("U8", [4], [0, 4]), entry("U8", [4], [2, 6])), 6),
    error: "begins b at data offset 2, which overlaps the tensor before it; 4 was expected",
  },
  {
    why: "the same bytes twice",
    bytes: file(two(entry("U8", [4], [0, 4]), entry("U8", [4], [0, 4])), 4),
    error: "begins b at data offset 0, which overlaps the tensor before it; 4 was expected",
  },
  {
    why: "a hole",
    bytes: file(two(entry("U8", [4], [0, 4]), entry("U8", [4], [5, 9])), 9),
    error: "begins b at data offset 5, which leaves a hole before it; 4 was expected",
  },
  {
    why: "a hole at the start",
    bytes: file({ a: entry("U8", [4], [1, 5]) }, 5),
    error: "begins a at data offset 1, which leaves a hole before it; 0 was expected",
  },
  {
    why: "bytes after the last tensor",
    bytes: file({ a: entry("U8", [4], [0, 4]) }, 5),
    error: "bytes; its header describes",
  },
];
test.each(hostile)("hostile: $why", async ({ bytes, error }) => {
  const found = await failure(() => read(bytes));
  expect(found).toContain("checkpoint-header: a.safetensors ");
  expect(found).toContain(error);
  expect(found).toContain("fetch it again or export the model anew.");
});

const cut = [
  {
    why: "an empty file",
    bytes: new Uint8Array(),
    error: "a.safetensors has 0 bytes; a safetensors file has at least 10.",
  },
  {
    why: "in the length",
    bytes: Uint8Array.of(2, 0, 0),
    error: "a.safetensors has 3 bytes; a safetensors file has at least 10.",
  },
  {
    why: "in the header",
    bytes: withHeader("{}", 0, 99_999n),
    error: "a.safetensors has 10 bytes; its header alone takes 100007.",
  },
  {
    why: "in the numbers",
    bytes: file({ a: entry("U8", [4], [0, 4]) }, 3),
    error: "a.safetensors has 64 bytes; its header describes 65.",
  },
];
test.each(cut)("cut: $why", async ({ bytes, error }) => {
  expect(await failure(() => read(bytes))).toBe(`checkpoint-cut: ${error} The download was cut short; fetch it again.`);
});
