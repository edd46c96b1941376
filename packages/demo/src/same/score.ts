import type { Comparison, Message, TokenProbability } from "@alambic/engine";
import type { Pair } from "../engine/pair.js";
import { type PerRole, perRole } from "../engine/roles.js";
import { piecesOf } from "./pieces.js";

/** Most tokens that are read: a longer text is cut, and said to be. */
export const MAX_TOKENS = 512;

/** What is read: a text as it is, or an answer after the conversation that it answers. */
export type Source =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "answer"; readonly text: string; readonly messages: readonly Message[] };

/** Means over the places up to one of them, that one included. */
export interface Running {
  /** In nats. */
  readonly kl: number;
  /** Share of places with the same first choice. */
  readonly agreement: number;
  /** Of the tokens that came; none where none did. */
  readonly perplexity: PerRole<number> | undefined;
}

/** A place in the text: what both models expected there, and what came. */
export interface Place {
  /** Nothing came at the last place, after the end. */
  readonly id: number | undefined;
  readonly text: string;
  readonly kl: number;
  readonly agree: boolean;
  readonly top: PerRole<readonly TokenProbability[]>;
  /** Of what came. */
  readonly probability: PerRole<number> | undefined;
  readonly running: Running;
}

export interface Scored {
  /** The beginning of a text, which nobody predicted. */
  readonly start: string;
  readonly places: readonly Place[];
  readonly whole: Running;
  /** Index of the first place whose first choices differ. */
  readonly divergence: number | undefined;
  readonly cut: boolean;
}

/** Has both models read a text, and gathers what each expected at every token. */
export async function score(pair: Pair, source: Source, signal: AbortSignal): Promise<Scored> {
  const { teacher, student } = pair.models;
  const context = source.kind === "answer" ? (await teacher.renderChat(source.messages)).ids : [];
  const own = await encodeOwn(teacher, source);
  const text = own.slice(0, MAX_TOKENS);
  const comparison = await pair.engine.compare(teacher, student, [...context, ...text], { signal });
  return { ...scoredOf(comparison, await piecesOf(teacher, text), context.length), cut: text.length < own.length };
}

/** An answer goes on where its conversation ends, without the token that some tokenizers begin every text with. */
async function encodeOwn(teacher: Pair["models"]["teacher"], { kind, text }: Source): Promise<number[]> {
  const ids = await teacher.encode(text);
  return kind === "text" ? ids : ids.slice((await teacher.encode("")).length);
}

/**
 * A comparison as the view shows it.
 *
 * @param pieces - The text of each token past the context.
 * @param context - How many tokens stand before what is shown; 0 for a text that begins with it.
 */
export function scoredOf(
  { ids, positions }: Comparison,
  pieces: readonly string[],
  context: number,
): Omit<Scored, "cut"> {
  const first = Math.max(0, context - 1);
  const sums = { kl: 0, agree: 0, came: 0, loss: { teacher: 0, student: 0 } };
  const places = positions.slice(first).map((position, index): Place => {
    const at = first + index + 1;
    const loss = lossOf(position);
    sums.kl += position.kl;
    sums.agree += Number(position.agree);
    if (loss) {
      sums.came++;
      sums.loss = perRole((role) => sums.loss[role] + loss[role]);
    }
    return {
      id: ids[at],
      text: pieces[at - context] ?? "",
      kl: position.kl,
      agree: position.agree,
      top: { teacher: position.teacher_top5, student: position.student_top5 },
      probability: loss && perRole((role) => Math.exp(-loss[role])),
      running: {
        kl: sums.kl / (index + 1),
        agreement: sums.agree / (index + 1),
        perplexity: sums.came > 0 ? perRole((role) => Math.exp(sums.loss[role] / sums.came)) : undefined,
      },
    };
  });
  const divergence = places.findIndex(({ agree }) => !agree);
  return {
    start: context === 0 ? pieces[0]! : "",
    places,
    whole: places.at(-1)!.running,
    divergence: divergence < 0 ? undefined : divergence,
  };
}

function lossOf({ teacher_nll, student_nll }: Comparison["positions"][number]): PerRole<number> | undefined {
  if (teacher_nll === undefined || student_nll === undefined) return undefined;
  return { teacher: teacher_nll, student: student_nll };
}
