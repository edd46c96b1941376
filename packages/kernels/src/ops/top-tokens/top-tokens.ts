import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { best } from "../../parts/best.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./top-tokens.wgsl?raw";

/** How many tokens of a row are kept. */
export const TOP_TOKENS = 5;

export interface TopTokensInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, V]`. */
  readonly logits: TensorRef;
  /** `[T, 5, 2]` f32: token and its log-probability in nats, likeliest first; token -1 where the vocabulary has fewer. */
  readonly result: TensorRef;
}

/**
 * The five likeliest next tokens of each row (as f32 values, exact up to 2^24), with `log softmax(logits)` of each.
 *
 * @throws {@link ShapeError} when result is not `[T, 5, 2]`.
 */
export function topTokens({ step, logits, result }: TopTokensInputs): Dispatch {
  const [rows = 0, width = 0] = logits.shape;
  if (result.shape.join() !== `${rows},${TOP_TOKENS},2`) {
    throw new ShapeError(
      `topTokens: logits are [${logits.shape}], so result must be [${rows},${TOP_TOKENS},2]; found [${result.shape}].`,
    );
  }
  return {
    label: `topTokens ${rows}x${width}`,
    kernel: { parts: [stepPart, lanesWorkgroup, best, kernelPart], constants: { LANES: 256 } },
    buffers: [step, logits, result],
    workgroups: spread(rows),
    cost: { bytes: 4 * rows * width + 8 * TOP_TOKENS * rows, flops: 6 * rows * width },
  };
}

const kernelPart = { name: "top-tokens.wgsl", wgsl };
