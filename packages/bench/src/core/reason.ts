import { reasonText } from "./format/reasons.js";

/**
 * Why a row is missing: a code with its values, in no language. The command line makes English of it
 * (`format/reasons.ts`), a page what its reader speaks.
 */
export type Reason =
  /** Interrupted before it was done. */
  | { readonly code: "stopped" }
  /** Predicted to take longer than what was left of the budget, or the budget was over. */
  | { readonly code: "budget" }
  /** Bytes of its weights, and of memory that weights may take. */
  | { readonly code: "memory"; readonly needs: number; readonly most: number }
  /** Tokens that the test holds at once, and the model's longest context. */
  | { readonly code: "context"; readonly needs: number; readonly most: number }
  /** Greedy ids that are not those known from elsewhere. */
  | { readonly code: "reference"; readonly expected: readonly number[]; readonly found: readonly number[] }
  /** A run, from 1, whose ids are not those of the warm-up, from this place on. */
  | {
      readonly code: "runs";
      readonly test?: string;
      readonly run: number;
      readonly place: number;
      readonly expected?: number;
      readonly found?: number;
    }
  /** Tokens of the prompt that a cache held. */
  | { readonly code: "cached"; readonly expected: number; readonly found: number }
  /** Tokens that were written. */
  | { readonly code: "count"; readonly expected: number; readonly found: number }
  /** What the engine, the device or another program said, in its own words; `kind` is the engine's code: `out-of-memory`. */
  | { readonly code: "error"; readonly message: string; readonly kind?: string };

const CODES: readonly string[] = [
  "stopped",
  "budget",
  "memory",
  "context",
  "reference",
  "runs",
  "cached",
  "count",
  "error",
] satisfies readonly Reason["code"][];

/** Of whatever was thrown. */
export function reasonOf(error: unknown): Reason {
  if (error instanceof CheckError) return error.reason;
  if (!(error instanceof Error)) return { code: "error", message: String(error) };
  const { message, code } = error as Error & { readonly code?: unknown };
  return { code: "error", message, ...(typeof code === "string" && { kind: code }) };
}

/** A reason out of a file: one of ours, or the sentence that earlier versions wrote. */
export function readReason(value: unknown): Reason {
  const code = (value as Partial<Reason> | null)?.code;
  if (typeof value === "object" && code !== undefined && CODES.includes(code)) return value as Reason;
  return { code: "error", message: typeof value === "string" ? value : JSON.stringify(value) };
}

/** Outputs that were not what they must be: the speed of such a run means nothing. */
export class CheckError extends Error {
  readonly reason: Reason;

  constructor(reason: Reason) {
    super(reasonText(reason));
    this.reason = reason;
  }
}
