import type { PackedLayout } from "./repack.js";

/** Where AWQ puts eight neighbouring outputs in a word, lowest field first. */
const AWQ_ORDER = [0, 2, 4, 6, 1, 3, 5, 7];

/** A quantised matrix as plain integers, and how a checkpoint packs it. Sizes: N outputs, K inputs, G groups. */
export interface PlainIntegers {
  readonly n: number;
  readonly k: number;
  readonly bits: 4 | 8;
  /** `[K, N]`. */
  readonly values: ArrayLike<number>;
  /** `[G, N]`, as they are meant: from 0 to 16, or 256. */
  readonly zeros: ArrayLike<number>;
}

/** `qweight` as AutoGPTQ or AutoAWQ would write it, word after word. */
export function packValues({ n, k, bits, values }: PlainIntegers, layout: PackedLayout): Uint32Array {
  const perWord = 32 / bits;
  if (layout === "awq") return packAlongN(values, k, n, bits, AWQ_ORDER);
  const words = new Uint32Array((k / perWord) * n);
  for (let input = 0; input < k; input++) {
    for (let output = 0; output < n; output++) {
      const at = Math.floor(input / perWord) * n + output;
      words[at] = words[at]! | (values[input * n + output]! << (bits * (input % perWord)));
    }
  }
  return words;
}

/** `qzeros`; GPTQ's first format stores each less one. */
export function packZeros({ n, bits, zeros }: PlainIntegers, layout: PackedLayout, added: 0 | 1): Uint32Array {
  const stored = Array.from(zeros, (zero) => zero - added);
  const order = layout === "awq" ? AWQ_ORDER : Array.from({ length: 32 / bits }, (_, i) => i);
  return packAlongN(stored, stored.length / n, n, bits, order);
}

function packAlongN(values: ArrayLike<number>, rows: number, n: number, bits: number, order: readonly number[]) {
  const perWord = 32 / bits;
  const words = new Uint32Array((rows * n) / perWord);
  for (let at = 0; at < words.length; at++) {
    const [row, first] = [Math.floor((at * perWord) / n), (at * perWord) % n];
    for (const [field, column] of order.entries())
      words[at] = words[at]! | (values[row * n + first + column]! << (bits * field));
  }
  return words;
}
