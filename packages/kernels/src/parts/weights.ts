import type { Part, TensorRef } from "../dispatch.js";
import { type Matrix, type MatrixBlock, type MatrixForm, paddedColumns } from "../matrix.js";
import bytesInt4Wgsl from "./bytes.int4.wgsl?raw";
import bytesInt8Wgsl from "./bytes.int8.wgsl?raw";
import groupsBf16Wgsl from "./groups.bf16.wgsl?raw";
import groupsBf16ZeroWgsl from "./groups.bf16-zero.wgsl?raw";
import groupsF16Wgsl from "./groups.f16.wgsl?raw";
import groupsF16ZeroWgsl from "./groups.f16-zero.wgsl?raw";
import groupsF32Wgsl from "./groups.f32.wgsl?raw";
import groupsNoneWgsl from "./groups.none.wgsl?raw";
import packedInt4Wgsl from "./packed.int4.wgsl?raw";
import packedInt8Wgsl from "./packed.int8.wgsl?raw";
import weightsBf16Wgsl from "./weights.bf16.wgsl?raw";
import weightsF16Wgsl from "./weights.f16.wgsl?raw";
import weightsF32Wgsl from "./weights.f32.wgsl?raw";
import weightsInt4Wgsl from "./weights.int4.wgsl?raw";
import weightsInt8Wgsl from "./weights.int8.wgsl?raw";

const weightParts: Record<MatrixForm["kind"], Part> = {
  f32: { name: "weights.f32.wgsl", wgsl: weightsF32Wgsl },
  f16: { name: "weights.f16.wgsl", wgsl: weightsF16Wgsl },
  bf16: { name: "weights.bf16.wgsl", wgsl: weightsBf16Wgsl },
  int4: { name: "weights.int4.wgsl", wgsl: weightsInt4Wgsl },
  int8: { name: "weights.int8.wgsl", wgsl: weightsInt8Wgsl },
};

const groupParts = {
  f32: { name: "groups.f32.wgsl", wgsl: groupsF32Wgsl },
  f16: { name: "groups.f16.wgsl", wgsl: groupsF16Wgsl },
  bf16: { name: "groups.bf16.wgsl", wgsl: groupsBf16Wgsl },
  "f16-zero": { name: "groups.f16-zero.wgsl", wgsl: groupsF16ZeroWgsl },
  "bf16-zero": { name: "groups.bf16-zero.wgsl", wgsl: groupsBf16ZeroWgsl },
  none: { name: "groups.none.wgsl", wgsl: groupsNoneWgsl },
} satisfies Record<string, Part>;

/** What an op needs to read a block's weights, whatever their form. */
export interface WeightAccess {
  /** WGSL: `weights8(row, k8) -> mat2x4f` and `dot8(rows, k8, low, high) -> vec4f`, rows counted within the block. */
  readonly parts: readonly Part[];
  /** K8, and for groups GROUP8 and GROUPS_PER_ROW. */
  readonly constants: Readonly<Record<string, number>>;
  /** Bindings 0 and 1; an op's own begin at 2. */
  readonly buffers: readonly [weights: TensorRef, groups: TensorRef];
}

/** The parts, constants and buffers through which every op reads a matrix block: the one place that knows the forms. */
export function weightAccess({ shape: [, k], form }: Matrix, { values, groups }: MatrixBlock): WeightAccess {
  const K8 = paddedColumns(k) / 8;
  if (!("groupSize" in form)) {
    return { parts: [weightParts[form.kind], groupParts.none], constants: { K8 }, buffers: [values, values] };
  }
  if (!groups)
    throw new TypeError(`${values.buffer.label}: an ${form.kind} block needs groups. Make it with matrix().`);
  return {
    parts: [weightParts[form.kind], groupParts[form.groupType]],
    constants: { K8, GROUP8: form.groupSize / 8, GROUPS_PER_ROW: Math.ceil(k / form.groupSize) },
    buffers: [values, groups],
  };
}

/**
 * For kernels that keep quantised weights packed in workgroup memory: WGSL `Packed8`, `packed8(row, k8)`, `unpacked_low` and `unpacked_high`.
 *
 * @throws {TypeError} for the plain forms, which are not packed.
 */
export function packedPart({ kind }: MatrixForm): Part {
  if (kind === "int4") return { name: "packed.int4.wgsl", wgsl: packedInt4Wgsl };
  if (kind === "int8") return { name: "packed.int8.wgsl", wgsl: packedInt8Wgsl };
  throw new TypeError(
    `A layout with packed weights was asked for, but this matrix is ${kind}. They are for int4 and int8.`,
  );
}

/**
 * For integer dot products: WGSL `bytes16(row, k8)` and BYTE_ZERO.
 *
 * @throws {TypeError} for the plain forms, which are no integers.
 */
export function bytesPart({ kind }: MatrixForm): Part {
  if (kind === "int4") return { name: "bytes.int4.wgsl", wgsl: bytesInt4Wgsl };
  if (kind === "int8") return { name: "bytes.int8.wgsl", wgsl: bytesInt8Wgsl };
  throw new TypeError(
    `A layout with integer dot products was asked for, but this matrix is ${kind}. It is for int4 and int8.`,
  );
}
