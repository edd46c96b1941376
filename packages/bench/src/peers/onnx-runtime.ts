import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { nameOf, promptOf } from "../core/workload.js";
import { runCommand } from "./command.js";
import { installPackage, madeByPython } from "./install.js";
import type { OnnxRuntimeRequest } from "./onnx-runtime-process.js";
import type { Peer } from "./peer.js";
import { readPeerLine, rowsOf } from "./rows.js";

const VERSION = "1.30.0";
const HERE = dirname(fileURLToPath(import.meta.url));
/** Seen from `dist/peers` and from `src/peers` alike. */
const SCRIPT = join(HERE, "../../peers/export_onnx.py");

/** ONNX Runtime's WebGPU provider, on the adapter that the environment names, in a process of its own. */
export const onnxRuntimeWebGpu: Peer = {
  name: "ONNX Runtime WebGPU",
  async measure(task) {
    const { workloads, vocabulary, reference, repetitions, budgetSeconds, signal, onProgress } = task;
    const folder = await installPackage("onnxruntime-node", VERSION, task);
    const model = await madeByPython(`${task.model}-onnx`, SCRIPT, (output) => [task.folder, output], task);
    const config = JSON.parse(await readFile(join(task.folder, "config.json"), "utf8"));
    const request: OnnxRuntimeRequest = {
      package: join(folder, "dist/index.js"),
      model: join(model, "model.onnx"),
      layers: config.num_hidden_layers,
      kvHeads: config.num_key_value_heads,
      headDim: config.hidden_size / config.num_attention_heads,
      reference: { prompt: reference.prompt, count: reference.ids.length },
      tests: workloads.map((workload) => ({
        ...workload,
        name: nameOf(workload),
        prompt: promptOf(workload, vocabulary),
      })),
      repetitions,
      budgetSeconds,
    };
    onProgress(`measuring ${this.name}`);
    const output = await runCommand(
      process.execPath,
      [join(HERE, "onnx-runtime-process.js"), JSON.stringify(request)],
      { signal, timeoutSeconds: 3 * budgetSeconds + 120 }, // room for the end of a run that began in time
    );
    const lines = output.trim().split("\n").map(readPeerLine);
    return rowsOf(lines, task, {
      peer: this.name,
      version: VERSION,
      settings:
        "int4 MatMulNBits in blocks of 32 at accuracy level 4, 8-bit head, f32 activations, keys and values in GPU buffers",
    });
  },
};
