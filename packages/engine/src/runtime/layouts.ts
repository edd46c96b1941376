import { type AdapterReport, type Choices, chosenVariant, type HotOp } from "@alambic/kernels";

/** How a model's kernels are laid out on its device: same result, another speed. */
export interface Layouts {
  /** Whether a projection of a single token norms its own input. */
  readonly normsInputs: boolean;
  /** The variant chosen for an op, if one was; else the op takes its adapter's default. */
  readonly variantOf: (problem: HotOp) => string | undefined;
}

/** The layouts of an adapter, with what a search chose. A lane of a software adapter would norm for itself, so there the norm is a dispatch of its own. */
export function layoutsOf(
  adapter: AdapterReport["kind"],
  choices: Choices = {},
  normsInputs = adapter === "gpu",
): Layouts {
  return { normsInputs, variantOf: (problem) => chosenVariant(choices, problem) };
}
