import type { KvForm } from "../kv-form.js";
import type { MatrixForm } from "../matrix.js";

type FloatType = "f32" | "f16" | "bf16";

const MANTISSA: Record<FloatType, readonly [bits: number, bias: number]> = {
  f32: [23, 127],
  f16: [10, 15],
  bf16: [7, 127],
};

/** Seeded, so that what one run of the gate finds another finds too. */
export type RandomWord = () => number;

/** xorshift32. */
export function randomWords(seed: number): RandomWord {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** Bits of a number between 2^exponent and twice that, every bit of its mantissa random: what is rounded shows. */
function floatBits(type: FloatType, exponent: number, negative: boolean, random: RandomWord): number {
  const [bits, bias] = MANTISSA[type];
  const sign = negative ? 2 ** (type === "f32" ? 31 : 15) : 0;
  return sign + (exponent + bias) * 2 ** bits + (random() % 2 ** bits);
}

const coin = (random: RandomWord) => random() > 2 ** 31;

/** f32 numbers of either sign, around 1. */
export function floatWord(random: RandomWord): number {
  return floatBits("f32", coin(random) ? 0 : -1, coin(random), random);
}

/** A word of a matrix's values: weights of either sign, around 1/32. */
export function valuesWord({ kind }: MatrixForm, random: RandomWord): number {
  if (kind === "int4" || kind === "int8") return random();
  const weight = () => floatBits(kind, coin(random) ? -5 : -6, coin(random), random);
  return kind === "f32" ? weight() : weight() + 2 ** 16 * weight();
}

/** Word `index` of a quantised matrix's groups: scales and offsets that centre the weights. */
export function groupsWord(form: MatrixForm, index: number, random: RandomWord): number {
  if (!("groupSize" in form)) throw new TypeError(`${form.kind} has no groups`);
  const [type, zero] = form.groupType.split("-") as [FloatType, "zero"?];
  const scale = () => floatBits(type, form.kind === "int4" ? -8 : -12, false, random);
  if (zero) return scale() + 2 ** 16 * (form.kind === "int4" ? random() % 17 : random() % 257);
  const offset = () => floatBits(type, -5, true, random);
  if (type === "f32") return index % 2 === 0 ? scale() : offset();
  return scale() + 2 ** 16 * offset();
}

/** Word `place` of a row of a cache: keys or values of either sign, around 1. */
export function cacheWord(form: KvForm, place: number, random: RandomWord): number {
  if (form === "int8") return place === 0 ? floatBits("f32", -7, false, random) : random();
  const number = () => floatBits(form, coin(random) ? 0 : -1, coin(random), random);
  return form === "f32" ? number() : number() + 2 ** 16 * number();
}
