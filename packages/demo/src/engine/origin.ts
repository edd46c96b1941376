import type { ModelSource } from "@alambic/engine";
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

/** The address names what can be opened again from it: a folder on the device cannot. */
export function originOf({ searchParams }: URL): Origin {
  const model = searchParams.get("model");
  const role = ROLES.find((known) => known === (model || "teacher"));
  return role ? { kind: "embedded", role } : { kind: "hub", id: model! };
}

export function queryOf(origin: Origin): string | undefined {
  if (origin.kind === "folder") return undefined;
  return origin.kind === "hub" ? origin.id : origin.role;
}
