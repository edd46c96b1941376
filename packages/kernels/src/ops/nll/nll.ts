import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./nll.wgsl?raw";

export interface NllInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, V]`. */
  readonly logits: TensorRef;
  /** `[T]` u32: the token that really came next. One past the vocabulary (0xffffffff, say) counts as none. */
  readonly targets: TensorRef;
  /** `[T]` f32, in nats; 0 where there is no target. */
  readonly result: TensorRef;
}

/**
 * Negative log-likelihood of each row's target: `-log softmax(logits)[target]`. Its mean's exponential is the perplexity.
 *
 * @throws {@link ShapeError} when targets or result do not hold one value a row.
 */
export function nll({ step, logits, targets, result }: NllInputs): Dispatch {
  const [rows = 0, width = 0] = logits.shape;
  if (targets.shape[0] !== rows || result.shape[0] !== rows) {
    throw new ShapeError(
      `nll: logits are [${logits.shape}], so targets and result must be [${rows}]; found [${targets.shape}] and [${result.shape}].`,
    );
  }
  return {
    label: `nll ${rows}x${width}`,
    kernel: { parts: [stepPart, lanesWorkgroup, kernelPart], constants: { LANES: 256 } },
    buffers: [step, logits, targets, result],
    workgroups: spread(rows),
    cost: { bytes: 4 * rows * width + 8 * rows, flops: 4 * rows * width },
  };
}

const kernelPart = { name: "nll.wgsl", wgsl };
