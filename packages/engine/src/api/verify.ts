import { type Gpu, OutOfMemoryError } from "@alambic/kernels";
import { EngineError } from "../errors.js";
import { compare } from "../runtime/compare.js";
import { type OpenedModel, openModel } from "./inspect.js";
import { defaultGpu } from "./load.js";
import { Model } from "./model.js";
import type { AccessOptions, ComparedPosition, LoadOptions, ModelSource, Quantize, Verification } from "./types.js";
import { VERIFY_TEXT } from "./verify-text.js";

export interface VerifyOptions extends Pick<LoadOptions, "onProgress" | "signal" | keyof AccessOptions> {
  readonly gpu?: Gpu;
  /** What becomes of plain weights. Default: int4, or with a `reference` nothing. */
  readonly quantize?: Quantize;
  /** The unquantised model that the checkpoint was made from. Default: the checkpoint itself, which must be plain then. */
  readonly reference?: ModelSource;
  /** What both models read; by default a short text of the engine's own. */
  readonly text?: string;
  /** Token ids in its place, for a model without a tokenizer. */
  readonly ids?: readonly number[];
}

/** Tokens that are read at a time: each window begins anew, as a text of its own. */
const WINDOW = 512;

/**
 * How far a quantised model is from the unquantised one, by what both predict of a text: the Kullback-Leibler divergence
 * of each next token's distribution, how often the first choice is the same, and both perplexities. Both are on the GPU together, in
 * f32 arithmetic.
 *
 * A checkpoint that comes quantised is no measure of itself: what it lost is not in it. It needs a `reference`.
 *
 * @throws {@link EngineError} `verify-reference` where there is nothing to compare with, `verify-memory` where the two do
 *   not fit the device together.
 */
export async function verify(source: ModelSource, options: VerifyOptions = {}): Promise<Verification> {
  const { reference = source, text = VERIFY_TEXT, onProgress, signal, token, cache, offline } = options;
  const access = { token, cache, offline };
  const quantize = options.quantize ?? (options.reference === undefined ? "int4" : "none");
  const gpu = options.gpu ?? (await defaultGpu());
  const opened = await openModel(source, signal, access);
  const against = options.reference === undefined ? opened : await openModel(reference, signal, access);
  requireComparable(opened, against, quantize);

  const shared = {
    gpu,
    precision: "exact",
    ...access,
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
  } as const;
  const loaded: Model[] = [];
  try {
    const exact = await Model.load(reference, { ...shared, quantize: "none" });
    loaded.push(exact);
    const model = await Model.load(source, { ...shared, quantize });
    loaded.push(model);
    const ids = options.ids ?? (await exact.encode(text));
    if (ids.length < 2) throw new RangeError(`The text has ${ids.length} tokens; at least 2 are needed.`);
    const window = Math.min(WINDOW, exact.info.contextLength, model.info.contextLength);
    const positions: ComparedPosition[] = [];
    for (let first = 0; first < ids.length; first += window)
      positions.push(
        ...(await compare(exact.loaded, model.loaded, ids.slice(first, first + window), signal)).positions,
      );
    return {
      model: model.info.name,
      reference: exact.info.name,
      quantize,
      adapter: gpu.adapter.name,
      bytes: { model: model.info.gpuBytes, reference: exact.info.gpuBytes },
      ...summary(positions),
    };
  } catch (error) {
    if (!(error instanceof OutOfMemoryError)) throw error;
    const { bytes } = opened.inspection;
    throw new EngineError(
      "verify-memory",
      `The two do not fit this device together: the reference takes ${mebibytes(against.inspection.bytes.none)} and the quantised model ${mebibytes(bytes[quantize])}. Verify on a device with more memory; a smaller model of the same family tells much of the same.`,
      { cause: error },
    );
  } finally {
    for (const model of loaded) model.dispose();
  }
}

function requireComparable(opened: OpenedModel, against: OpenedModel, quantize: Quantize): void {
  const refuse = (message: string) => new EngineError("verify-reference", message);
  if (isQuantised(against)) {
    throw refuse(
      opened === against
        ? `${opened.source.name} comes quantised: beside its own weights it would agree by construction, which proves nothing. Name the unquantised checkpoint that it was made from as the reference (--reference).`
        : `The reference ${against.source.name} is itself quantised. Name a checkpoint in bf16, f16 or f32.`,
    );
  }
  if (opened === against && quantize === "none")
    throw refuse("Nothing would be quantised. Choose int4 or int8 (--quantize), or name a reference (--reference).");
}

function isQuantised({ graph, describe }: OpenedModel): boolean {
  return [...graph.parameters.values()].some(
    (parameter) => parameter.kind === "matrix" && describe(parameter).some(({ kind }) => kind !== "plain"),
  );
}

function summary(positions: readonly ComparedPosition[]) {
  const kls = positions.map(({ kl }) => kl).sort((a, b) => a - b);
  const at = (share: number) => kls[Math.min(kls.length - 1, Math.floor(share * kls.length))]!;
  const judged = positions.filter(({ teacher_nll }) => teacher_nll !== undefined);
  const perplexity = (pick: (position: ComparedPosition) => number | undefined) =>
    Math.exp(judged.reduce((sum, position) => sum + pick(position)!, 0) / judged.length);
  return {
    tokens: positions.length,
    mean_kl: kls.reduce((sum, kl) => sum + kl, 0) / kls.length,
    median_kl: at(0.5),
    p99_kl: at(0.99),
    max_kl: at(1),
    top1_agreement: positions.filter(({ agree }) => agree).length / positions.length,
    perplexity: perplexity(({ student_nll }) => student_nll),
    reference_perplexity: perplexity(({ teacher_nll }) => teacher_nll),
  };
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}
