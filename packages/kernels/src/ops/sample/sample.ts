import type { Dispatch, Part, TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { best } from "../../parts/best.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import { noise } from "../../parts/noise.js";
import { wide } from "../../parts/wide.js";
import advanceWgsl from "./deliver.advance.wgsl?raw";
import rowsWgsl from "./deliver.rows.wgsl?raw";
import keepWgsl from "./deliver.token.wgsl?raw";
import wgsl from "./sample.wgsl?raw";
import { SETTINGS_WORDS } from "./settings.js";

export interface SampleInputs {
  /** `[1, V]`. */
  readonly logits: TensorRef;
  /** `[8]` u32, as `sampleSettings` writes them. */
  readonly settings: TensorRef;
  /** `[2]` u32: position and count. The token drawn will stand at position + count, which the noise depends on. */
  readonly step: TensorRef;
}

/** Where the token goes: kept, or fed back as the next pass's input. */
export type SampleTarget =
  | {
      /** `[1]` u32. */
      readonly token: TensorRef;
    }
  | {
      /** `[T]` u32, the input of the next pass: its first becomes the token. `step` moves on to the token's place. */
      readonly ids: TensorRef;
      /** `[N]` u32: the token is also written at its place, where that is below N. */
      readonly history: TensorRef;
    };

/**
 * Draws a token: temperature, then top-k, top-p and min-p in Hugging Face's order; temperature 0 takes the greatest
 * logit. The same logits, settings and place give the same token. With `ids` and `history` it also closes the step on the
 * GPU, so that several tokens can be asked for before the first is read.
 *
 * @returns Dispatches to run in order.
 * @throws {@link ShapeError} when logits are not one row or settings not eight words.
 */
export function sample({ logits, settings, step, ...target }: SampleInputs & SampleTarget): Dispatch[] {
  const [rows, width = 0] = logits.shape;
  if (rows !== 1 || width < 1 || settings.shape[0] !== SETTINGS_WORDS) {
    throw new ShapeError(
      `sample: logits are [${logits.shape}] and settings [${settings.shape}]; they must be [1,V] and [${SETTINGS_WORDS}].`,
    );
  }
  const taker = "token" in target ? keepPart : advancePart;
  const taken = "token" in target ? [target.token] : [target.ids, target.history];
  return [draw(logits, taker, [logits, settings, step, ...taken])];
}

export interface SampleRowsInputs {
  /** `[T, V]`, T at most 65,535. */
  readonly logits: TensorRef;
  /** `[8]` u32, as `sampleSettings` writes them. */
  readonly settings: TensorRef;
  /** `[2]` u32: position and count; rows at or past count are left alone. Row r draws the token at position + r + 1. */
  readonly step: TensorRef;
  /** `[T]` u32. */
  readonly tokens: TensorRef;
}

/**
 * Draws a token from every row: the one that `sample` would draw from it at that place, with the same noise. What a
 * pass over tokens that were guessed would have said itself.
 *
 * @throws {@link ShapeError} when tokens are not one a row, or settings not eight words.
 */
export function sampleRows({ logits, settings, step, tokens }: SampleRowsInputs): Dispatch[] {
  const [rows = 0, width = 0] = logits.shape;
  if (rows < 1 || rows > MAX_ROWS || width < 1 || tokens.shape[0] !== rows || settings.shape[0] !== SETTINGS_WORDS) {
    throw new ShapeError(
      `sampleRows: logits are [${logits.shape}], tokens [${tokens.shape}] and settings [${settings.shape}]; they must be [T,V] with T from 1 to ${MAX_ROWS}, [T] and [${SETTINGS_WORDS}].`,
    );
  }
  return [draw(logits, rowsPart, [logits, settings, step, tokens])];
}

/** Workgroups of one dimension. */
const MAX_ROWS = 65_535;

function draw({ shape: [rows = 0, width = 0] }: TensorRef, taker: Part, buffers: readonly TensorRef[]): Dispatch {
  return {
    label: `sample ${rows}x${width}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, best, noise, wide, taker, kernelPart],
      constants: { LANES: 256, ROWS: rows },
    },
    buffers,
    workgroups: [rows, 1, 1],
    cost: { bytes: 4 * rows * width, flops: 8 * rows * width },
  };
}

const keepPart = { name: "deliver.token.wgsl", wgsl: keepWgsl };
const advancePart = { name: "deliver.advance.wgsl", wgsl: advanceWgsl };
const rowsPart = { name: "deliver.rows.wgsl", wgsl: rowsWgsl };
const kernelPart = { name: "sample.wgsl", wgsl };
