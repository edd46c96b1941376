import { matrix, quantise } from "@alambic/kernels";
import type { PackedLayout } from "./layout.js";
import { sha256 } from "./sha256.js";

/** Files that packed weights were made from: another identity, other weights. */
export interface PackedOrigin {
  readonly file: string;
  readonly identity: string;
}

/**
 * Names packed weights by everything that they depend on: the bytes of the source files, each tensor's form and place, and
 * the text of the kernels that quantise, so that nobody has to raise a version number when one of them changes.
 */
export async function packedKey(
  layout: PackedLayout,
  forms: readonly unknown[],
  origins: readonly PackedOrigin[],
): Promise<string> {
  const header = new TextDecoder().decode(layout.header.subarray(8));
  return sha256(new TextEncoder().encode(JSON.stringify([header, forms, origins, quantiserText()])));
}

/** The quantising kernels, as they would run on any matrix. */
function quantiserText(): string[] {
  const shape = [64, 64] as const;
  return (["int4", "int8"] as const).flatMap((kind) => {
    const form = { kind, groupSize: 64, groupType: "f16" } as const;
    const [source] = matrix("source", shape, { kind: "f32" }, 2 ** 20).blocks;
    const [target] = matrix("target", shape, form, 2 ** 20).blocks;
    const { kernel } = quantise({
      source: source!,
      sourceForm: { kind: "f32" },
      k: 64,
      target: target!,
      targetForm: form,
      targetRow: 0,
      rows: 64,
    });
    return kernel.parts.map(({ wgsl }) => wgsl);
  });
}
