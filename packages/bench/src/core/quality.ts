import { compare, type Model } from "@alambic/engine";

/** What every model is judged on. Written for this purpose, so that no model can have been trained on it. */
export const QUALITY_TEXT =
  "A parameter is a value that a model learns during training, while a hyperparameter is chosen before training starts. The weights decide how strongly one neuron speaks to the next, and the bias shifts the result. Small models hold fewer of these numbers, so they answer faster and use less memory, but they know less.";

export interface Likelihood {
  readonly bitsPerByte: number;
  readonly ids: readonly number[];
}

/**
 * Bits that a model needs for each byte of a text: comparable between models with different vocabularies. The first
 * token is given, so it costs nothing.
 *
 * @throws `TokenizerError` when the model has no tokenizer.
 */
export async function bitsPerByte(model: Model, text = QUALITY_TEXT, signal?: AbortSignal): Promise<Likelihood> {
  const ids = await model.encode(text);
  const { logits } = await model.forward(ids, signal && { signal });
  const nats = ids.slice(1).reduce((sum, id, position) => sum + negativeLogLikelihood(logits[position]!, id), 0);
  const bytes = new TextEncoder().encode(text).length;
  return { bitsPerByte: nats / Math.LN2 / bytes, ids };
}

/** Mean KL(teacher || student) of the next token, in nats, over the text. */
export async function klToTeacher(teacher: Model, student: Model, ids: readonly number[]): Promise<number> {
  return (await compare(teacher, student, ids)).mean_kl;
}

function negativeLogLikelihood(logits: Float32Array, id: number): number {
  const greatest = logits.reduce((a, b) => Math.max(a, b));
  const sum = logits.reduce((total, logit) => total + Math.exp(logit - greatest), 0); // f64
  return Math.log(sum) + greatest - logits[id]!;
}
