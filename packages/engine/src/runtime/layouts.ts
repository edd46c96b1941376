import { type AdapterReport, type Choices, chosenVariant, DOT_FEATURE, type HotOp } from "@alambic/kernels";
import type { Precision } from "../api/types.js";

/** How a model's kernels are laid out on its device: same result, another speed. */
export interface Layouts {
  /** Whether a projection of a single token norms its own input, where its layout can. */
  readonly normsInputs: boolean;
  /** Whether projections of many tokens have room to round their input to bytes; only a search may choose that they do. */
  readonly roundsInputs: boolean;
  /** Whether projections of many tokens may multiply in f16; only a search may choose that they do. */
  readonly multipliesHalves: boolean;
  /** The variant chosen for an op, if one was; else the op takes its adapter's default. */
  readonly variantOf: (problem: HotOp) => string | undefined;
}

/** What decides beside the search. */
export interface LayoutOptions {
  readonly choices?: Choices;
  /** True unless said. */
  readonly normsInputs?: boolean;
  readonly precision?: Precision;
}

/** The layouts of an adapter, with what a search chose. */
export function layoutsOf(
  { features, languageFeatures = [] }: AdapterReport,
  { choices = {}, normsInputs = true, precision = "exact" }: LayoutOptions = {},
): Layouts {
  return {
    normsInputs,
    roundsInputs: precision === "fast" && languageFeatures.includes(DOT_FEATURE),
    multipliesHalves: precision === "fast" && features.includes("shader-f16"),
    variantOf: (problem) => chosenVariant(choices, problem),
  };
}
