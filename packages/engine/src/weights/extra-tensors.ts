import { CheckpointError } from "../errors.js";
import { expertModules, type Parameter } from "../graph/graph.js";
import type { QuantizationConfig } from "./formats/describe.js";
import { isRecord } from "./header.js";
import type { Checkpoint } from "./safetensors.js";

/** What checkpoints carry that is computed from the config, or that says how a cache was to be quantised. */
const COMPUTED = /(^|\.)(rotary_emb\.inv_freq|position_ids|[kv]_scale)$/;

const SHOWN = 3;

/**
 * Refuses a checkpoint with tensors that the model would leave out: a bias that config.json does not switch on, a layer
 * past the last, a norm of another family. Without them the model would run, and answer wrongly.
 *
 * @param unused - Names of what a family leaves out on purpose: heads, and poolers of encoders.
 * @throws {@link CheckpointError} naming the first few.
 */
export function refuseExtraTensors(
  { tensors, source }: Checkpoint,
  parameters: readonly Parameter[],
  config: QuantizationConfig,
  unused: RegExp,
): void {
  const vectors = new Set(parameters.filter(({ kind }) => kind === "vector").map(({ name }) => name));
  const matrices = new Set(
    parameters.filter(({ kind }) => kind === "matrix").flatMap((parameter) => modulesOf(parameter)),
  );
  const packed = isRecord(config.quantization_config) && config.quantization_config.quant_method !== undefined;
  const extra = [...tensors.keys()].filter((name) => {
    if (vectors.has(name) || COMPUTED.test(name) || unused.test(name)) return false;
    const end = name.lastIndexOf(".");
    // Whatever else hangs on a matrix is its format's affair. GPTQ's tools write biases of zeros where there are none.
    return !matrices.has(name.slice(0, end)) || (name.slice(end) === ".bias" && !packed);
  });
  if (extra.length === 0) return;
  const more = extra.length > SHOWN ? ` and ${extra.length - SHOWN} more` : "";
  throw new CheckpointError(
    "checkpoint-extra-tensor",
    `${source.name} has tensors that the model of its config.json does not use: ${extra.slice(0, SHOWN).join(", ")}${more}. Without them it would not be the model that was trained. Check model_type, num_hidden_layers and the switches for biases in config.json, or load a checkpoint that was saved with it.`,
  );
}

function modulesOf(parameter: Parameter): readonly string[] {
  const { experts, module } = parameter;
  return experts ? expertModules({ ...parameter, experts }) : [module];
}
