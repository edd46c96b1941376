import type { Role } from "../engine/roles.js";

/** The two places of a duel. Which model sits where is drawn anew for each, and shown only after the vote. */
export type Seat = "a" | "b";
export const SEATS: readonly Seat[] = ["a", "b"];

export type PerSeat<T> = Readonly<Record<Seat, T>>;

export const CHOICES = ["a", "b", "both", "neither"] as const;
export type Choice = (typeof CHOICES)[number];

/** What can speak for an answer, and against the other. */
export const REASONS = ["correct", "complete", "clear", "concise", "followed", "pleasant"] as const;
export type Reason = (typeof REASONS)[number];

export interface Vote {
  readonly choice: Choice;
  readonly reasons: readonly Reason[];
}

/** Who answered. */
export interface Contender {
  readonly name: string;
  readonly parameters: number;
  /** Its side of the pair; absent where the duel came as a link. */
  readonly role?: Role;
}

/** What an answer took on this device, with nothing else running on it. Absent where the duel came as a link. */
export interface Cost {
  readonly milliseconds: number;
  /** Weights, keys and values read for all tokens of the answer. */
  readonly bytesRead: number;
}

export interface DuelAnswer {
  readonly contender: Contender;
  readonly text: string;
  readonly tokens: number;
  readonly cost?: Cost;
}

/** Two finished answers to one prompt. */
export interface Duel {
  readonly prompt: string;
  readonly answers: PerSeat<DuelAnswer>;
  readonly vote?: Vote;
  /** Played elsewhere: its texts are all that is known of it. */
  readonly fromLink?: true;
}

/** Draws who sits where. */
export function drawSeats<T>([first, second]: readonly [T, T], random: () => number = Math.random): PerSeat<T> {
  return random() < 0.5 ? { a: first, b: second } : { a: second, b: first };
}
