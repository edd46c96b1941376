import type { Answer, Chunk, DraftedToken, GenerateOptions, Message, Timing } from "@alambic/engine";
import type { Pair } from "../engine/pair.js";
import { untilAborted } from "../engine/waiting.js";

export interface DraftToken {
  readonly id: number;
  readonly text: string;
  readonly origin: DraftedToken["origin"];
  /** Of what the student had proposed instead. */
  readonly proposal: string | undefined;
}

/** An answer with a draft, as far as it is. */
export interface Drafted {
  readonly tokens: readonly DraftToken[];
  readonly proposed: number;
  readonly accepted: number;
  /** Against the first tokens of the answer, which the teacher writes alone. */
  readonly gainSoFar: number | undefined;
  readonly timing: Timing | undefined;
}

export const NOTHING_DRAFTED: Drafted = {
  tokens: [],
  proposed: 0,
  accepted: 0,
  gainSoFar: undefined,
  timing: undefined,
};

/** Has the teacher answer with the student as its draft; yields the answer so far, whenever it has grown. */
export async function* draftedAnswer(
  { models: { teacher, student } }: Pair,
  messages: readonly Message[],
  options: GenerateOptions & { readonly signal: AbortSignal },
): AsyncGenerator<Drafted> {
  let drafted = NOTHING_DRAFTED;
  for await (const chunk of untilAborted(teacher.chat(messages, { ...options, draft: student }), options.signal)) {
    const { draft, timing } = chunk;
    const proposal = draft?.proposal === undefined ? undefined : await teacher.decode([draft.proposal]);
    drafted = {
      tokens: grown(drafted.tokens, chunk, proposal),
      proposed: draft?.proposed ?? drafted.proposed,
      accepted: draft?.accepted ?? drafted.accepted,
      gainSoFar: draft?.speedUp ?? drafted.gainSoFar,
      timing,
    };
    yield drafted;
  }
}

function grown(tokens: readonly DraftToken[], { ids, text, draft }: Chunk, proposal: string | undefined) {
  const last = tokens.at(-1);
  // The end of an answer may bring text that was held back.
  if (ids.length === 0 || !draft) return last ? [...tokens.slice(0, -1), { ...last, text: last.text + text }] : tokens;
  return [...tokens, { id: ids[0]!, text, origin: draft.origin, proposal }];
}

/** The same answer by the teacher alone: its ids, and how long it took. */
export async function answerAlone(answer: Answer, signal: AbortSignal): Promise<{ ids: number[]; timing: Timing }> {
  const ids: number[] = [];
  for await (const chunk of untilAborted(answer, signal)) {
    ids.push(...chunk.ids);
    if (chunk.timing) return { ids, timing: chunk.timing };
  }
  throw new Error("The answer ended without its timing.");
}

/** Why a draft costs more than it gains. */
export function reasonOfLoss(software: boolean, { proposed, accepted }: Pick<Drafted, "proposed" | "accepted">) {
  if (software) return "software";
  return accepted < proposed / 2 ? "refused" : "cost";
}
