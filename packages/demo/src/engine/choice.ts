import type { Inspection, Quantize } from "@alambic/engine";
import { choiceParam } from "../frame/params.js";
import { isHubId, nameOf, type Origin } from "./origin.js";
import { EMBEDDED, type PerRole, perRole, ROLES, type Role } from "./roles.js";

/** What stands on one side of the pair: a model of the page itself, or one that the user chose after seeing its verdict. */
export interface Choice {
  readonly origin: Origin;
  readonly quantize: Quantize;
  /** Of a model that the page does not know by itself. */
  readonly inspection?: Inspection;
  /** The bits that the address asks for, until it is known what the model can be loaded with. */
  readonly wanted?: Quantize;
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

/** From here on, 4 bits to begin with: a large model at 16 is a long wait for most devices. */
const LARGE = 1e9;

/** The bits that a model is loaded with unless the user says otherwise. */
export function usualBits({ parameters, verdict }: Inspection): Quantize {
  return parameters.total > LARGE ? "int4" : (verdict?.fits ?? "none");
}

const BITS: Readonly<Record<string, Quantize>> = { "4": "int4", "8": "int8", "16": "none" };
const bitsParam = (role: Role) => choiceParam(`${role}-bits`, "", ["4", "8", "16"]);

/** All that an address says of the pair. */
export const CHOICE_KEYS: readonly string[] = ROLES.flatMap((role) => [role, bitsParam(role).key]);

/**
 * The address names repositories: `?teacher=owner/name&student=owner/name&student-bits=8`. What stands nowhere, or is no
 * repository's name, is the page's own model. What is known of a model `already` is kept.
 */
export function choicesOf({ searchParams }: URL, already?: PerRole<Choice>): PerRole<Choice> {
  return perRole((role) => {
    const id = searchParams.get(role);
    if (id === null || !isHubId(id)) return EMBEDDED_CHOICES[role];
    const bits = BITS[bitsParam(role).read(searchParams.get(bitsParam(role).key) ?? "") ?? ""];
    const known = already?.[role];
    const inspection = known?.origin.kind === "hub" && known.origin.id === id ? known.inspection : undefined;
    const quantize = bits ?? (inspection ? usualBits(inspection) : "none");
    return { origin: { kind: "hub", id }, quantize, ...(inspection && { inspection }), ...(bits && { wanted: bits }) };
  });
}

/** Writes into an address what `choicesOf` reads from it. Folders of the device cannot be written. */
export function writeChoices(address: URL, choices: PerRole<Choice>): void {
  for (const role of ROLES) {
    const { origin, quantize, inspection, wanted } = choices[role];
    if (origin.kind === "hub") address.searchParams.set(role, origin.id);
    else address.searchParams.delete(role);
    const unusual = inspection ? (quantize === usualBits(inspection) ? undefined : quantize) : wanted;
    const bits = Object.keys(BITS).find((key) => BITS[key] === unusual);
    if (origin.kind === "hub" && bits) address.searchParams.set(bitsParam(role).key, bits);
    else address.searchParams.delete(bitsParam(role).key);
  }
}

/** Whether all that is to be known before loading is known. */
export function isKnown(choice: Choice): boolean {
  return choice.origin.kind === "embedded" || choice.inspection !== undefined;
}
