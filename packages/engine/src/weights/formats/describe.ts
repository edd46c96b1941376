import { CheckpointError } from "../../errors.js";
import { isRecord } from "../header.js";
import type { Checkpoint } from "../safetensors.js";
import type { WeightDescription } from "./description.js";
import { mlx, mlxQuantization } from "./mlx.js";
import { awqQuantization, gptqQuantization, type PackedQuantization, packed } from "./packed.js";
import { plain } from "./plain.js";

/** The keys of config.json that say how weights are packed. */
export interface QuantizationConfig {
  /** MLX's key. */
  readonly quantization?: unknown;
  /** Everyone else's, with a `quant_method`; MLX writes a copy of its own here. */
  readonly quantization_config?: unknown;
}

/**
 * How a module's weight matrix lies in the checkpoint.
 *
 * @param module - Path without the last word, e.g. `model.layers.0.self_attn.q_proj`.
 * @param shape - `[N, K]` that config.json implies: outputs and inputs.
 * @throws {@link CheckpointError} when a tensor is missing, has another shape or type, or is quantised in a way that
 * cannot be read.
 */
export function describeWeight(
  checkpoint: Checkpoint,
  module: string,
  shape: readonly [n: number, k: number],
  config: QuantizationConfig,
): WeightDescription {
  const quantization = quantizationOf(config);
  if (!quantization) {
    if (!checkpoint.tensors.has(`${module}.qweight`)) return plain(checkpoint, module, shape);
    throw new CheckpointError(
      "checkpoint-quantization",
      `${checkpoint.source.name} has ${module}.qweight, but its config.json has no quantization_config. Older tools wrote quantize_config.json instead: copy its content into config.json under that key, with a quant_method ("gptq" or "awq").`,
    );
  }
  if ("layout" in quantization) {
    return checkpoint.tensors.has(`${module}.qweight`)
      ? packed(checkpoint, module, shape, quantization)
      : plain(checkpoint, module, shape);
  }
  const packing = mlxQuantization(checkpoint, module, quantization.mlx);
  return packing ? mlx(checkpoint, module, shape, packing) : plain(checkpoint, module, shape);
}

function quantizationOf({
  quantization,
  quantization_config,
}: QuantizationConfig): PackedQuantization | { readonly mlx: Readonly<Record<string, unknown>> } | undefined {
  if (isRecord(quantization)) return { mlx: quantization };
  if (!isRecord(quantization_config)) return undefined;
  const { quant_method } = quantization_config;
  switch (quant_method) {
    case undefined:
      return { mlx: quantization_config };
    case "gptq":
      return gptqQuantization(quantization_config);
    case "awq":
      return awqQuantization(quantization_config);
  }
  throw new CheckpointError(
    "checkpoint-quantization",
    `config.json says quant_method ${JSON.stringify(quant_method)}${described(quant_method)}, which cannot be read yet. Use a copy of the model that is plain (BF16, F16, F32; load it with quantize to make it small), in GPTQ or AWQ, or in MLX's 4 or 8 bits.`,
  );
}

/** What the less telling names stand for. */
const METHODS: Readonly<Record<string, string>> = {
  bitsandbytes: "LLM.int8() or NF4",
  "compressed-tensors": "vLLM's compressed tensors",
  fbgemm_fp8: "8-bit floats",
  fp8: "8-bit floats",
  modelopt: "NVIDIA's fp8 or nvfp4",
  mxfp4: "4-bit floats in blocks",
  exl2: "ExLlamaV2",
  exl3: "ExLlamaV3",
  "auto-round": "Intel's AutoRound",
};

function described(method: unknown): string {
  const known = typeof method === "string" && Object.hasOwn(METHODS, method) ? METHODS[method] : undefined;
  return known ? ` (${known})` : "";
}
