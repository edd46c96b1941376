import folders from "virtual:embedded-models";

/** The two places of the race. They keep their colour, letter and shape everywhere. */
export type Role = "teacher" | "student";
export const ROLES: readonly Role[] = ["teacher", "student"];

export type PerRole<T> = Readonly<Record<Role, T>>;

export function perRole<T>(make: (role: Role) => T): PerRole<T> {
  return { teacher: make("teacher"), student: make("student") };
}

/** A checkpoint of the embedded pair, as known before a byte of it is fetched. Its tests hold it against the checkpoint itself. */
export interface EmbeddedModel {
  readonly folder: string;
  readonly name: string;
  readonly parameters: number;
  readonly layers: number;
  /** All that loading it fetches: weights, tokenizer, configuration. */
  readonly bytes: number;
  readonly weightBytes: number;
}

function embedded(folder: string, name: string, parameters: number, layers: number): EmbeddedModel {
  const measured = folders[folder];
  if (!measured)
    throw new Error(`models/${folder} is missing. The embedded pair lives in the repository's models/ folder.`);
  return { folder, name, parameters, layers, ...measured };
}

export const EMBEDDED: PerRole<EmbeddedModel> = {
  teacher: embedded("smollm2-135m-instruct", "SmolLM2-135M-Instruct", 134_515_008, 30),
  student: embedded("smollm2-81m-student", "SmolLM2-81M student", 81_413_568, 15),
};

/** Layers of the teacher that the student began as, by its model card. */
export const STUDENT_LAYERS: readonly number[] = [0, 1, 2, 3, 8, 9, 10, 11, 21, 22, 23, 24, 27, 28, 29];
