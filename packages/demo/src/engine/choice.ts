import type { Inspection, Quantize } from "@alambic/engine";
import { nameOf, type Origin } from "./origin.js";
import { EMBEDDED, type PerRole, perRole, ROLES } from "./roles.js";

/** What stands on one side of the pair: a model of the page itself, or one that the user chose after seeing its verdict. */
export interface Choice {
  readonly origin: Origin;
  readonly quantize: Quantize;
  /** Of a model that the page does not know by itself. */
  readonly inspection?: Inspection;
}

export const EMBEDDED_CHOICES: PerRole<Choice> = perRole((role) => ({
  origin: { kind: "embedded", role },
  quantize: "none",
}));

export function isEmbedded({ origin }: Choice): boolean {
  return origin.kind === "embedded";
}

/** Whether it is the page's own model for this side. */
export function isOwn(choices: PerRole<Choice>): boolean {
  const { teacher, student } = choices;
  return (
    teacher.origin.kind === "embedded" &&
    teacher.origin.role === "teacher" &&
    student.origin.kind === "embedded" &&
    student.origin.role === "student"
  );
}

export function nameOfChoice({ origin }: Choice): string {
  return nameOf(origin);
}

/** What loading it fetches, as far as is known; less where some of it is kept from before. */
export function bytesOfChoice({ origin, inspection }: Choice): number {
  return origin.kind === "embedded" ? EMBEDDED[origin.role].bytes : (inspection?.bytes.disk ?? 0);
}

/** The address names repositories: `?teacher=owner/name&student=owner/name`. What stands nowhere is the page's own model. */
export function choicesOf({ searchParams }: URL): PerRole<Choice> {
  return perRole((role) => {
    const id = searchParams.get(role);
    return id ? { origin: { kind: "hub", id }, quantize: "none" } : EMBEDDED_CHOICES[role];
  });
}

/** Writes into an address what `choicesOf` reads from it. Folders of the device cannot be written. */
export function writeChoices(address: URL, choices: PerRole<Choice>): void {
  for (const role of ROLES) {
    const { origin } = choices[role];
    if (origin.kind === "hub") address.searchParams.set(role, origin.id);
    else address.searchParams.delete(role);
  }
}

/** Whether all that is to be known before loading is known. */
export function isKnown(choice: Choice): boolean {
  return choice.origin.kind === "embedded" || choice.inspection !== undefined;
}
