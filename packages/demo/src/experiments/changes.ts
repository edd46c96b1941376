import { experts } from "./change-experts.js";
import { layers } from "./change-layers.js";
import { fewerBits, zeros } from "./change-numbers.js";
import type { Stored } from "./stored.js";

/** What an experiment does to the teacher before it is loaded again. Nothing is trained after it. */
export type Change =
  /** Leaves out all other layers. */
  | { readonly kind: "layers"; readonly kept: readonly number[] }
  /** Rounds the numbers of every layer to fewer bits. */
  | { readonly kind: "bits"; readonly bits: 2 | 3 }
  /** Sets this share of each matrix's numbers to zero, the smallest ones. */
  | { readonly kind: "zeros"; readonly share: number }
  /** Cuts each MLP into eight experts, of which a token uses some. */
  | { readonly kind: "experts"; readonly used: number };

export function change(stored: Stored, wanted: Change): Promise<Stored> {
  switch (wanted.kind) {
    case "layers":
      return Promise.resolve(layers(stored, wanted.kept));
    case "bits":
      return fewerBits(stored, wanted.bits);
    case "zeros":
      return zeros(stored, wanted.share);
    case "experts":
      return experts(stored, wanted.used);
  }
}
