import type { ModelSource } from "@alambic/engine";
import type { Param } from "../frame/params.js";
import { EMBEDDED, ROLES, type Role } from "./roles.js";

/** Where a model of the page comes from. */
export type Origin =
  | { readonly kind: "embedded"; readonly role: Role }
  | { readonly kind: "hub"; readonly id: string }
  | { readonly kind: "folder"; readonly name: string; readonly files: readonly File[] };

export function sourceOf(origin: Origin): ModelSource {
  switch (origin.kind) {
    case "embedded":
      return new URL(`models/${EMBEDDED[origin.role].folder}/`, document.baseURI);
    case "hub":
      return origin.id;
    case "folder":
      return origin.files;
  }
}

export function nameOf(origin: Origin): string {
  if (origin.kind === "embedded") return EMBEDDED[origin.role].name;
  return origin.kind === "hub" ? origin.id : origin.name;
}

/** `owner/name`, or `owner/name@revision`. What comes with an address must be no other address: it is fetched unasked. */
export function isHubId(text: string): boolean {
  return text.length <= 200 && /^[\w.-]+\/[\w.-]+(@[\w./-]+)?$/.test(text) && !text.includes("..");
}

/** The address names what can be opened again from it: a folder on the device cannot. */
export const originParam: Param<Origin> = {
  key: "model",
  initial: { kind: "embedded", role: "teacher" },
  read(text) {
    const role = ROLES.find((known) => known === text);
    if (role) return { kind: "embedded", role };
    return isHubId(text) ? { kind: "hub", id: text } : undefined;
  },
  write: (origin) => (origin.kind === "hub" ? origin.id : origin.kind === "embedded" ? origin.role : "teacher"),
};
