import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { NODE, runInProcess } from "./in-process.js";
import { installPackages, madeByPython } from "./install.js";
import type { OnnxRuntimeRequest } from "./onnx-runtime-process.js";
import { type Peer, type PeerTask, requestOf } from "./peer.js";
import { rowsOf } from "./rows.js";

const VERSION = "1.30.0";
/** Seen from `dist/peers` and from `src/peers` alike. */
const SCRIPT = join(dirname(fileURLToPath(import.meta.url)), "../../peers/export_onnx.py");

/**
 * What the provider may do with the activations of a product: round them to 8 bits for integer dot products (4), or keep
 * them in f32 (1). Neither is the quicker one on every adapter, so both are measured.
 */
export type AccuracyLevel = 1 | 4;

/**
 * What transformers answers to the reference prompt in f32 on the weights that `export_onnx.py` writes. Rounding the offsets
 * brings two first tokens to within 0.02 of each other, where 1.7 lay between them: an engine that computes exactly begins
 * with the one, and one that rounds activations may begin with the other and then goes on as ours.
 */
export const ANSWER_ON_ONNX_WEIGHTS: readonly number[] = [15319, 2849, 1558, 367, 4649, 1264, 2618];

/** Ends an engine's name. */
export function levelName(level: AccuracyLevel): string {
  return `(${level === 4 ? "int8" : "f32"} activations)`;
}

/** What was given to the engine. */
export function onnxWeights(level: AccuracyLevel): string {
  return `int4 MatMulNBits in blocks of 32 at accuracy level ${level}, 8-bit head, f32 between them`;
}

/** The teacher as ONNX, made on first need. @returns Its file. */
export async function onnxModel(task: PeerTask, level: AccuracyLevel): Promise<string> {
  const words = (output: string) => [task.folder, output, "--accuracy-level", String(level)];
  return join(await madeByPython(`${task.model}-onnx-level-${level}`, SCRIPT, words, task), "model.onnx");
}

/** ONNX Runtime's WebGPU provider, on the adapter that the environment names, in a process of its own. */
export function onnxRuntimeWebGpu(level: AccuracyLevel): Peer {
  return {
    name: `ONNX Runtime WebGPU ${levelName(level)}`,
    async measure(task) {
      const modules = await installPackages({ "onnxruntime-node": VERSION }, task);
      const model = await onnxModel(task, level);
      const config = JSON.parse(await readFile(join(task.folder, "config.json"), "utf8"));
      const request: OnnxRuntimeRequest = {
        ...requestOf(task),
        package: join(modules, "onnxruntime-node/dist/index.js"),
        model,
        layers: config.num_hidden_layers,
        kvHeads: config.num_key_value_heads,
        headDim: config.hidden_size / config.num_attention_heads,
      };
      task.onProgress(`measuring ${this.name}`);
      const about = {
        peer: this.name,
        version: VERSION,
        runtime: NODE,
        runsOn: "WebGPU",
        settings: `${onnxWeights(level)}, keys and values in GPU buffers`,
      };
      const lines = await runInProcess("onnx-runtime-process.js", request, task);
      return rowsOf(lines, task, about, ANSWER_ON_ONNX_WEIGHTS);
    },
  };
}
