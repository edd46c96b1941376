import type { PerRole } from "../engine/roles.js";
import { ROLES, type Role } from "../engine/roles.js";
import { RateMeter } from "../state/rate-meter.js";
import type { Answer, Turn } from "../state/store.js";

/** Both models answering one prompt at once, as scripts/record-run.mjs wrote it down. */
export interface Recording {
  readonly prompt: string;
  /** The day, as `2026-11-23`. */
  readonly date: string;
  readonly adapter: { readonly name: string; readonly software: boolean };
  readonly processor: string;
  readonly runtime: string;
  /** Of the engine. */
  readonly version: string;
  readonly maxTokens: number;
  readonly answers: PerRole<RecordedAnswer>;
}

export interface RecordedAnswer {
  readonly finishReason: string;
  readonly usage: { readonly promptTokens: number; readonly completionTokens: number };
  /** Tokens after the first, a second, by the engine's own account. */
  readonly rate: number;
  readonly bytesPerToken: number;
  /** Tokens a second of the beginning once more, with the GPU to itself. */
  readonly alone: number;
  /** When each piece came, in milliseconds after the prompt was sent; a token a piece. */
  readonly at: readonly number[];
  readonly pieces: readonly string[];
}

/** The turn as it stood so many milliseconds after the prompt was sent. */
export function turnAt(recording: Recording, elapsed: number): Turn {
  const { teacher, student } = recording.answers;
  return {
    prompt: recording.prompt,
    answers: { teacher: answerAt(teacher, student, elapsed), student: answerAt(student, teacher, elapsed) },
  };
}

/** When the last piece came. */
export function endOf({ answers }: Recording): number {
  return Math.max(...ROLES.map((role: Role) => answers[role].at.at(-1) ?? 0));
}

/** When the next piece comes; `undefined` after the last. */
export function nextAfter({ answers }: Recording, elapsed: number): number | undefined {
  const next = ROLES.flatMap((role) => answers[role].at.find((at) => at > elapsed) ?? []);
  return next.length > 0 ? Math.min(...next) : undefined;
}

/** The same figures as of an answer under way: what `RaceControl` makes of chunks, here of the times they came at. */
function answerAt(recorded: RecordedAnswer, other: RecordedAnswer, elapsed: number): Answer {
  const { at, pieces, usage, finishReason } = recorded;
  const meter = new RateMeter(0);
  const come = at.filter((ms) => ms <= elapsed);
  for (const ms of come) meter.add(1, ms);
  const otherEnd = other.at.at(-1) ?? 0;
  const done = come.length === usage.completionTokens;
  const bothDone = done && elapsed >= otherEnd;
  return {
    status: done ? "done" : come.length > 0 ? "streaming" : "waiting",
    text: pieces.slice(0, come.length).join(""),
    ...(done && { finishReason: finishReason as "stop" | "length" }),
    figures: {
      tokens: meter.tokens,
      now: meter.now,
      mean: done ? recorded.rate : meter.mean,
      firstTokenMs: meter.firstTokenMs,
      bytesPerToken: done ? recorded.bytesPerToken : undefined,
      // Measured after both answers.
      alone: bothDone ? recorded.alone : undefined,
      sharedNow: elapsed < otherEnd,
      shared: (at[0] ?? 0) < otherEnd,
    },
  };
}
