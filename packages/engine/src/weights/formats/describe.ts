import { CheckpointError } from "../../errors.js";
import { isRecord } from "../header.js";
import type { Checkpoint } from "../safetensors.js";
import type { WeightDescription } from "./description.js";
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
export type DescribeWeight = (
  checkpoint: Checkpoint,
  module: string,
  shape: readonly [n: number, k: number],
) => WeightDescription;

/**
 * The way of describing weights that a config.json asks for. The code of packed formats comes with the first that needs it.
 *
 * @throws {@link CheckpointError} for a quantisation that cannot be read.
 */
export async function weightFormat({ quantization, quantization_config }: QuantizationConfig): Promise<DescribeWeight> {
  if (isRecord(quantization)) return mlxFormat(quantization);
  if (!isRecord(quantization_config)) return plainFormat;
  const { quant_method } = quantization_config;
  switch (quant_method) {
    case undefined:
      return mlxFormat(quantization_config);
    case "gptq":
    case "awq":
      return packedFormat(quant_method, quantization_config);
  }
  throw new CheckpointError(
    "checkpoint-quantization",
    `config.json says quant_method ${JSON.stringify(quant_method)}${described(quant_method)}, which cannot be read yet. Use a copy of the model that is plain (BF16, F16, F32; load it with quantize to make it small), in GPTQ or AWQ, or in MLX's 4 or 8 bits.`,
  );
}

const plainFormat: DescribeWeight = (checkpoint, module, shape) => {
  if (!checkpoint.tensors.has(`${module}.qweight`)) return plain(checkpoint, module, shape);
  throw new CheckpointError(
    "checkpoint-quantization",
    `${checkpoint.source.name} has ${module}.qweight, but its config.json has no quantization_config. Older tools wrote quantize_config.json instead: copy its content into config.json under that key, with a quant_method ("gptq" or "awq").`,
  );
};

async function mlxFormat(config: Readonly<Record<string, unknown>>): Promise<DescribeWeight> {
  const { mlx, mlxQuantization } = await import("./mlx.js");
  return (checkpoint, module, shape) => {
    const packing = mlxQuantization(checkpoint, module, config);
    return packing ? mlx(checkpoint, module, shape, packing) : plain(checkpoint, module, shape);
  };
}

async function packedFormat(
  method: "gptq" | "awq",
  config: Readonly<Record<string, unknown>>,
): Promise<DescribeWeight> {
  const { awqQuantization, gptqQuantization, packed } = await import("./packed.js");
  const quantization = method === "gptq" ? gptqQuantization(config) : awqQuantization(config);
  return (checkpoint, module, shape) =>
    checkpoint.tensors.has(`${module}.qweight`)
      ? packed(checkpoint, module, shape, quantization)
      : plain(checkpoint, module, shape);
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
