import { fromHalf, toHalf } from "./half.js";
import { halvesOf, type Stored, type StoredTensor, wordsOf } from "./stored.js";

/** Numbers that share a scale and an offset, and words that hold them: eight numbers of four bits each. */
const GROUP = 32;
const WORDS = GROUP / 8;

/** A matrix of a layer, at 4 bits: number = scale * code + bias. Codes lie in words, low bits first. */
export interface Matrix {
  readonly weight: StoredTensor;
  readonly scales: StoredTensor;
  readonly biases: StoredTensor;
}

/** The matrices of the layers, by module; the vocabulary's is not among them. */
export function matricesOf({ config, tensors }: Stored): Map<string, Matrix> {
  const { group_size, bits } = config.quantization as { group_size: number; bits: number };
  if (group_size !== GROUP || bits !== 4)
    throw new Error(
      `The experiments change numbers of 4 bits in groups of 32; this checkpoint has ${bits} in ${group_size}.`,
    );
  const modules = [...tensors.keys()].flatMap((name) => /^(.*\blayers\..*)\.scales$/.exec(name)?.[1] ?? []);
  return new Map(
    modules.map((module) => {
      const part = (kind: keyof Matrix) => tensors.get(`${module}.${kind}`)!;
      return [module, { weight: part("weight"), scales: part("scales"), biases: part("biases") }];
    }),
  );
}

/**
 * Round to nearest: of each group, the range that its numbers span is cut into 2^bits levels. The numbers lie as before, in
 * four bits each: what is measured is what is lost, not what is saved.
 */
export function fewerBits(stored: Stored, bits: 2 | 3): Promise<Stored> {
  const steps = 2 ** bits - 1;
  return eachMatrix(stored, (words, scales, biases) => {
    for (let group = 0; group < scales.length; group++) {
      const [first, end] = [group * WORDS, (group + 1) * WORDS];
      let [low, high] = [15, 0];
      for (let word = first; word < end; word++) {
        for (let shift = 0; shift < 32; shift += 4) {
          const code = (words[word]! >>> shift) & 15;
          if (code < low) low = code;
          if (code > high) high = code;
        }
      }
      if (high - low <= steps) continue; // as few levels already
      const step = (high - low) / steps;
      recode(words, first, end, (code) => Math.round((code - low) / step));
      const [scale, bias] = [fromHalf(scales[group]!), fromHalf(biases[group]!)];
      scales[group] = toHalf(scale * step);
      biases[group] = toHalf(bias + scale * low);
    }
    return { weight: words, scales, biases };
  });
}

/** Fineness with which the size is found that parts the smallest numbers from the others. */
const BINS = 4096;
/** Steps of 8 bits in one of 4: room for zero in groups that do not span it. */
const FINER = 8;

/**
 * Sets the smallest numbers of each matrix to zero, until `share` of them are. A grid of 4 bits rarely has a zero, so the
 * numbers are laid on one of 8 that does, the others within a sixteenth of their old step: more bytes, not fewer.
 */
export async function zeros(stored: Stored, share: number): Promise<Stored> {
  const { quantization } = stored.config as { quantization: object };
  const config = { ...stored.config, quantization: { ...quantization, bits: 8 } };
  const changed = await eachMatrix(stored, (words, scales, biases) => {
    const groups = Array.from(scales, (half, group) => ({ scale: fromHalf(half), bias: fromHalf(biases[group]!) }));
    const least = smallest(words, groups, share);
    const [fine, steps, offsets] = [
      new Uint32Array(2 * words.length),
      new Float32Array(groups.length),
      new Float32Array(groups.length),
    ];
    for (const [group, { scale, bias }] of groups.entries()) {
      const step = scale / FINER;
      const zero = Math.max(0, Math.round(-bias / step));
      const table = Array.from({ length: 16 }, (_, code) => {
        const value = scale * code + bias;
        return Math.abs(value) < least ? zero : Math.min(255, Math.max(0, zero + Math.round(value / step)));
      });
      steps[group] = step;
      offsets[group] = -zero * steps[group]!;
      for (let word = group * WORDS; word < (group + 1) * WORDS; word++) {
        for (let i = 0; i < 8; i++)
          fine[2 * word + (i >> 2)]! |= table[(words[word]! >>> (4 * i)) & 15]! << (8 * (i & 3));
      }
    }
    return { weight: fine, scales: steps, biases: offsets };
  });
  const tensors = [...changed.tensors].map(([name, tensor]): [string, StoredTensor] => {
    const [, module, part] = /^(.*\blayers\..*)\.(weight|scales|biases)$/.exec(name) ?? [];
    if (!module || !stored.tensors.has(`${module}.scales`)) return [name, tensor];
    const [n = 0, width = 0] = tensor.shape;
    return [name, part === "weight" ? { ...tensor, shape: [n, 2 * width] } : { ...tensor, dtype: "F32" }];
  });
  return { ...changed, config: { ...config, quantization_config: config.quantization }, tensors: new Map(tensors) };
}

/** The size below which `share` of a matrix's numbers lie. */
function smallest(words: Uint32Array, groups: readonly { scale: number; bias: number }[], share: number): number {
  const sizes = groups.map(({ scale, bias }) =>
    Float32Array.from({ length: 16 }, (_, code) => Math.abs(scale * code + bias)),
  );
  const largest = sizes.reduce((most, [first = 0, ...rest]) => Math.max(most, first, rest.at(-1)!), 0);
  const counts = new Uint32Array(BINS + 1);
  for (const [word, packed] of words.entries()) {
    const size = sizes[Math.floor(word / WORDS)]!;
    for (let shift = 0; shift < 32; shift += 4)
      counts[Math.floor((BINS * size[(packed >>> shift) & 15]!) / largest)]!++;
  }
  let [bin, left] = [0, share * 8 * words.length];
  while (bin < BINS && left > 0) left -= counts[bin++]!;
  return (bin * largest) / BINS;
}

function recode(words: Uint32Array, first: number, end: number, become: (code: number) => number): void {
  const table = Array.from({ length: 16 }, (_, code) => become(code));
  for (let word = first; word < end; word++) {
    const packed = words[word]!;
    let next = 0;
    for (let shift = 0; shift < 32; shift += 4) next |= table[(packed >>> shift) & 15]! << shift;
    words[word] = next >>> 0;
  }
}

interface Numbers {
  readonly weight: Uint32Array<ArrayBuffer>;
  readonly scales: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
  readonly biases: Uint16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

type Rewrite = (
  words: Uint32Array<ArrayBuffer>,
  scales: Uint16Array<ArrayBuffer>,
  biases: Uint16Array<ArrayBuffer>,
) => Numbers;

/** Writes the numbers of every matrix anew, one matrix after the other. */
async function eachMatrix(stored: Stored, rewrite: Rewrite): Promise<Stored> {
  const tensors = new Map(stored.tensors);
  for (const [module, matrix] of matricesOf(stored)) {
    const numbers = rewrite(await wordsOf(matrix.weight), await halvesOf(matrix.scales), await halvesOf(matrix.biases));
    for (const part of ["weight", "scales", "biases"] as const)
      tensors.set(`${module}.${part}`, { ...matrix[part], data: new Blob([numbers[part]]) });
  }
  return { ...stored, tensors };
}
