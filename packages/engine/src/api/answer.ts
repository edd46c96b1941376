import type { Answer, Chunk, DraftFigures, FinishReason, Generation, Timing, Usage } from "./types.js";

/** What only the end of an answer tells, beside its chunks. */
export interface AnswerEnd {
  readonly promptIds: readonly number[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  readonly timing: Timing;
  /** Whether ids could be turned into text. */
  readonly hasText: boolean;
}

/** Makes an `Answer` of a generator of chunks that returns its end. The generator starts at the first use, and runs once. */
export function answer(start: () => AsyncGenerator<Chunk, AnswerEnd>): Answer {
  let generator: AsyncGenerator<Chunk, AnswerEnd> | undefined;
  let whole: Promise<Generation> | undefined;

  const begin = () => {
    if (generator) throw new Error("This answer has been read already. Ask again for another one.");
    generator = start();
    return generator;
  };
  const result = () => {
    whole ??= collect(begin());
    return whole;
  };
  return {
    [Symbol.asyncIterator]: begin,
    result,
    text: async () => (await result()).text ?? "",
  };
}

/** The chunks of an answer of this thread, whose generator also returns its end. */
export function answerChunks(from: Answer): AsyncGenerator<Chunk, AnswerEnd> {
  return from[Symbol.asyncIterator]() as AsyncGenerator<Chunk, AnswerEnd>;
}

async function collect(chunks: AsyncGenerator<Chunk, AnswerEnd>): Promise<Generation> {
  const ids: number[] = [];
  let text = "";
  let draft: DraftFigures | undefined;
  for (;;) {
    const { done, value } = await chunks.next();
    if (done) {
      const { hasText, ...end } = value;
      return { ...end, ids, text: hasText ? text : null, ...(draft && { draft }) };
    }
    ids.push(...value.ids);
    text += value.text;
    if (value.draft) {
      const { origin: _origin, proposal: _proposal, ...figures } = value.draft;
      draft = figures;
    }
  }
}
