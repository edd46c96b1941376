import { CheckpointError } from "../../errors.js";
import { isRecord } from "../header.js";
import type { Checkpoint } from "../safetensors.js";
import type { WeightDescription } from "./description.js";
import { mlx, mlxQuantization } from "./mlx.js";
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
  const quantization = mlxConfig(config);
  const packing = quantization && mlxQuantization(checkpoint, module, quantization);
  return packing ? mlx(checkpoint, module, shape, packing) : plain(checkpoint, module, shape);
}

function mlxConfig({ quantization, quantization_config }: QuantizationConfig): Record<string, unknown> | undefined {
  if (isRecord(quantization)) return quantization;
  if (!isRecord(quantization_config)) return undefined;
  const { quant_method } = quantization_config;
  if (quant_method === undefined) return quantization_config;
  throw new CheckpointError(
    "checkpoint-quantization",
    `config.json says quant_method ${JSON.stringify(quant_method)}, which cannot be read yet. Use a copy of the model that is plain (BF16, F16, F32) or in MLX's 4 or 8 bits.`,
  );
}
