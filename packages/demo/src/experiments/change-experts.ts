import { type Matrix, matricesOf } from "./change-numbers.js";
import { EXPERTS } from "./experts-count.js";
import { fromHalf, toHalf } from "./half.js";
import { halvesOf, type Stored, type StoredTensor, wordsOf } from "./stored.js";

/** Makes the router's choice small, so that the experts that it chooses count alike. */
const FAINT = 1e-3;

/**
 * The model as a Mixtral: each MLP's neurons are cut into eight experts of as many, and a router chooses `used` of them
 * for a token, by how strongly it speaks to the mean of an expert's gates. With all eight the model is what it was.
 * That an MLP can be read as experts is from arXiv:2110.01786; there the neurons are first put into groups that fire
 * together, which here they are not.
 */
export async function experts(stored: Stored, used: number): Promise<Stored> {
  const tensors = new Map([...stored.tensors].filter(([name]) => !/\blayers\.\d+\.mlp\./.test(name)));
  const matrices = matricesOf(stored);
  for (let layer = 0; matrices.has(`model.layers.${layer}.mlp.gate_proj`); layer++) {
    const matrix = (name: string) => matrices.get(`model.layers.${layer}.mlp.${name}`)!;
    const at = `model.layers.${layer}.block_sparse_moe`;
    tensors.set(`${at}.gate.weight`, await routerOf(matrix("gate_proj")));
    for (let expert = 0; expert < EXPERTS; expert++) {
      const set = (name: string, parts: Matrix) => {
        for (const [part, tensor] of Object.entries(parts))
          tensors.set(`${at}.experts.${expert}.${name}.${part}`, tensor);
      };
      set(
        "w1",
        eachPart(matrix("gate_proj"), (tensor) => rows(tensor, expert)),
      );
      set(
        "w3",
        eachPart(matrix("up_proj"), (tensor) => rows(tensor, expert)),
      );
    }
    for (const [expert, parts] of (await columns(matrix("down_proj"), used)).entries()) {
      for (const [part, tensor] of Object.entries(parts)) tensors.set(`${at}.experts.${expert}.w2.${part}`, tensor);
    }
  }
  const { intermediate_size } = stored.config as { intermediate_size: number };
  const config = {
    ...stored.config,
    architectures: ["MixtralForCausalLM"],
    model_type: "mixtral",
    intermediate_size: intermediate_size / EXPERTS,
    num_local_experts: EXPERTS,
    num_experts_per_tok: used,
  };
  return { ...stored, config, tensors };
}

/** An expert's rows: they lie together. */
function rows({ dtype, shape: [n = 0, ...rest], data }: StoredTensor, expert: number): StoredTensor {
  const bytes = data.size / EXPERTS;
  return { dtype, shape: [n / EXPERTS, ...rest], data: data.slice(expert * bytes, (expert + 1) * bytes) };
}

/** Each expert's columns. The chosen ones are averaged, so their numbers are taken `used` times. */
async function columns({ weight, scales, biases }: Matrix, used: number): Promise<Matrix[]> {
  const times = (halves: Uint16Array<ArrayBuffer>) => halves.map((half) => toHalf(used * fromHalf(half)));
  const [words, scale, bias] = [await wordsOf(weight), times(await halvesOf(scales)), times(await halvesOf(biases))];
  return Array.from({ length: EXPERTS }, (_, expert) => ({
    weight: cut(weight, words, expert),
    scales: cut(scales, scale, expert),
    biases: cut(biases, bias, expert),
  }));
}

function cut<T extends Uint32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>>(
  { dtype, shape: [n = 0, width = 0] }: StoredTensor,
  numbers: T,
  expert: number,
): StoredTensor {
  const part = width / EXPERTS;
  const parts = Array.from({ length: n }, (_, row) => {
    const start = row * width + expert * part;
    return numbers.slice(start, start + part);
  });
  return { dtype, shape: [n, part], data: new Blob(parts) };
}

function eachPart(matrix: Matrix, take: (tensor: StoredTensor) => StoredTensor): Matrix {
  return { weight: take(matrix.weight), scales: take(matrix.scales), biases: take(matrix.biases) };
}

/** `[EXPERTS, hidden]`, f32: the mean of the gates of each expert's neurons. */
async function routerOf({ weight, scales, biases }: Matrix): Promise<StoredTensor> {
  const [words, scale, bias] = [await wordsOf(weight), await halvesOf(scales), await halvesOf(biases)];
  const [n = 0, width = 0] = weight.shape;
  const groupWords = words.length / scale.length;
  const hidden = 8 * width;
  const router = new Float32Array(EXPERTS * hidden);
  const neurons = n / EXPERTS;
  for (let row = 0; row < n; row++) {
    const start = Math.floor(row / neurons) * hidden;
    for (let word = 0; word < width; word++) {
      const at = row * width + word;
      const group = Math.floor(at / groupWords);
      const [step, offset] = [fromHalf(scale[group]!), fromHalf(bias[group]!)];
      for (let i = 0; i < 8; i++) {
        const value = step * ((words[at]! >>> (4 * i)) & 15) + offset;
        router[start + 8 * word + i]! += (FAINT * value) / neurons;
      }
    }
  }
  return { dtype: "F32", shape: [EXPERTS, hidden], data: new Blob([router]) };
}
