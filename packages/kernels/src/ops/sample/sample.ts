import type { Dispatch, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { best } from "../../parts/best.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { noise } from "../../parts/noise.js";
import { wide } from "../../parts/wide.js";
import wgsl from "./sample.wgsl?raw";
import { SETTINGS_WORDS } from "./settings.js";

export interface SampleInputs {
  /** `[1, V]`. */
  readonly logits: TensorRef;
  /** `[8]` u32, as `sampleSettings` writes them. */
  readonly settings: TensorRef;
  /** `[2]` u32: position and count. The token drawn will stand at position + count, which the noise depends on. */
  readonly step: TensorRef;
  /** `[1]` u32. */
  readonly token: TensorRef;
}

/**
 * Draws a token: temperature, then top-k, top-p and min-p in Hugging Face's order; temperature 0 takes the greatest
 * logit. The same logits, settings and place give the same token.
 *
 * @returns Dispatches to run in order.
 * @throws {@link ShapeError} when logits are not one row or settings not eight words.
 */
export function sample({ logits, settings, step, token }: SampleInputs): Dispatch[] {
  const [rows, width = 0] = logits.shape;
  if (rows !== 1 || width < 1 || settings.shape[0] !== SETTINGS_WORDS) {
    throw new ShapeError(
      `sample: logits are [${logits.shape}] and settings [${settings.shape}]; they must be [1,V] and [${SETTINGS_WORDS}].`,
    );
  }
  return [
    {
      label: `sample ${width}`,
      kernel: {
        parts: [stepPart, lanesWorkgroup, best, noise, wide, kernelPart],
        constants: { LANES: 256 },
      },
      buffers: [logits, settings, step, token],
      workgroups: [1, 1, 1],
      cost: { bytes: 4 * width, flops: 8 * width },
    },
  ];
}

const kernelPart = { name: "sample.wgsl", wgsl };
