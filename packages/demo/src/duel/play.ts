import type { Generation, Message, ModelHandle } from "@alambic/engine";
import type { Pair } from "../engine/pair.js";
import type { Role } from "../engine/roles.js";
import { orFail, unlessAborted } from "../engine/waiting.js";
import { optionsOf } from "../state/race-control.js";
import type { PairSettings } from "../state/settings.js";
import { type Contender, type Cost, type Duel, type DuelAnswer, drawSeats } from "./duel.js";

export interface PlayOptions {
  readonly settings: PairSettings;
  readonly signal: AbortSignal;
  /** One answer is finished. Not which: that could be told by its speed. */
  readonly onHalf: () => void;
}

/** Lets both models answer, one after the other in an order drawn by lot, and seats them by lot. */
export async function playDuel(pair: Pair, prompt: string, { settings, signal, onHalf }: PlayOptions): Promise<Duel> {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const ask = async (role: Role) => {
    const model = pair.models[role];
    const { system } = settings[role];
    const messages: Message[] = [
      ...(system.trim() ? [{ role: "system", content: system }] : []),
      { role: "user", content: prompt },
    ];
    const started = performance.now();
    const answer = model.chat(messages, { ...optionsOf(settings[role], seed), signal });
    const generation = await orFail(unlessAborted(answer.result(), signal), pair.failed);
    const contender = { name: pair.names[role], parameters: model.info.parameters.total, role };
    return answerOf(contender, model, generation, performance.now() - started);
  };
  const order = drawSeats<Role>(["teacher", "student"]);
  const first = await ask(order.a);
  onHalf();
  return { prompt, answers: drawSeats([first, await ask(order.b)]) };
}

async function answerOf(
  contender: Contender,
  model: ModelHandle,
  { text, usage, finishReason }: Generation,
  milliseconds: number,
): Promise<DuelAnswer> {
  if (finishReason === "abort") throw new DOMException("The duel was stopped.", "AbortError");
  const { promptTokens: prompt, completionTokens: tokens } = usage;
  const { prefill, decode } = await model.planCosts({ prompt, position: prompt + Math.floor(tokens / 2) });
  const cost: Cost = { milliseconds, bytesRead: prefill.bytes + Math.max(0, tokens - 1) * decode.bytes };
  return { contender, text: text ?? "", tokens, cost };
}
