import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { choice as choicePart, lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./route.wgsl?raw";

export interface RouteInputs {
  /** `[2]` u32: position and count; tokens at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, experts]`. */
  readonly logits: TensorRef;
  /** `[T, top_k, 2]` u32: the expert, then the bits of its f32 weight; the likeliest expert first. */
  readonly choices: TensorRef;
  /** Whether the weights of the chosen add up to one, rather than those of all experts. */
  readonly normalise: boolean;
}

/**
 * The router of a mixture of experts: softmax over the experts, of which each token takes the top k.
 *
 * Of equal logits the lower index goes first.
 *
 * @throws {@link ShapeError} when logits and choices do not fit, or there are more experts than workgroup memory holds.
 * @see Jiang et al., arXiv:2401.04088, section 2
 */
export function route({ step, logits, choices, normalise }: RouteInputs): Dispatch {
  const [tokens = 0, experts = 0] = logits.shape;
  const [rows, topK = 0, words] = choices.shape;
  if (rows !== tokens || words !== 2 || topK < 1 || topK > experts || experts > MOST_EXPERTS) {
    throw new ShapeError(
      `route: logits are [${logits.shape}] and choices [${choices.shape}]; [T, experts] and [T, top_k, 2] were expected, with top_k from 1 to the experts and at most ${MOST_EXPERTS} experts.`,
    );
  }
  return {
    label: `route ${tokens}x${experts} top ${topK}`,
    kernel: {
      parts: [stepPart, choicePart, lanesWorkgroup, kernelPart],
      constants: { EXPERTS: experts, TOP_K: topK, NORMALISE: normalise ? 1 : 0, LANES: 64 },
    },
    buffers: [step, logits, choices],
    workgroups: spread(tokens),
    cost: { bytes: 4 * tokens * (experts + 2 * topK), flops: 5 * tokens * experts },
  };
}

const MOST_EXPERTS = 1024; // 8 KiB of logits and their exponentials, of the 16 KiB that every device has
const kernelPart = { name: "route.wgsl", wgsl };
