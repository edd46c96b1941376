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

export const ONNX_WEIGHTS = "int4 MatMulNBits in blocks of 32 at accuracy level 4, 8-bit head, f32 activations";

/** The teacher as ONNX, made on first need. @returns Its file. */
export async function onnxModel(task: PeerTask): Promise<string> {
  const folder = await madeByPython(`${task.model}-onnx`, SCRIPT, (output) => [task.folder, output], task);
  return join(folder, "model.onnx");
}

/** ONNX Runtime's WebGPU provider, on the adapter that the environment names, in a process of its own. */
export const onnxRuntimeWebGpu: Peer = {
  name: "ONNX Runtime WebGPU",
  async measure(task) {
    const modules = await installPackages({ "onnxruntime-node": VERSION }, task);
    const model = await onnxModel(task);
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
    return rowsOf(await runInProcess("onnx-runtime-process.js", request, task), task, {
      peer: this.name,
      version: VERSION,
      runtime: NODE,
      runsOn: "WebGPU",
      settings: `${ONNX_WEIGHTS}, keys and values in GPU buffers`,
    });
  },
};
