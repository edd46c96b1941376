import { join } from "node:path";
import { installPackages } from "../install.js";
import { type AccuracyLevel, ANSWER_ON_ONNX_WEIGHTS, levelName, onnxModel, onnxWeights } from "../onnx-runtime.js";
import { type Peer, requestOf } from "../peer.js";
import { rowsOf } from "../rows.js";
import { runInPage } from "./run-in-page.js";

const VERSION = "4.3.1";
/** What that version asks for. */
const WEB = "onnxruntime-web/dist/ort.webgpu.bundle.min.mjs";
const CONFIGURATION = ["config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"];

/** transformers.js on WebGPU in a browser, on the ONNX form of the same weights. */
export function transformersJs(level: AccuracyLevel): Peer {
  return {
    name: `transformers.js WebGPU ${levelName(level)}`,
    async measure(task) {
      const modules = await installPackages({ "@huggingface/transformers": VERSION }, task);
      const model = await onnxModel(task, level);
      task.onProgress(`measuring ${this.name}`);
      const { lines, runtime, adapter } = await runInPage(
        {
          script: "transformers-js",
          request: requestOf(task),
          mounts: {
            "/npm/": modules,
            "/models/peer/onnx/model_q4.onnx": model,
            ...Object.fromEntries(CONFIGURATION.map((name) => [`/models/peer/${name}`, join(task.folder, name)])),
          },
          imports: {
            "@huggingface/transformers": "/npm/@huggingface/transformers/dist/transformers.web.js",
            "onnxruntime-web/webgpu": `/npm/${WEB}`,
            "onnxruntime-common": "/npm/onnxruntime-common/dist/esm/index.js",
          },
        },
        task,
      );
      const about = {
        peer: this.name,
        version: VERSION,
        runtime,
        runsOn: `WebGPU, ${adapter}`,
        settings: `${onnxWeights(level)}, model.generate on the page`,
      };
      return rowsOf(lines, task, about, ANSWER_ON_ONNX_WEIGHTS);
    },
  };
}
