import { CheckpointError } from "../../errors.js";
import { isFloat } from "../dtype.js";
import type { Checkpoint } from "../safetensors.js";
import { FORM_OF, type PackedDescription, requireShape, requireTensor } from "./description.js";

/** What `quantization_config` says of a checkpoint that GPTQ or AWQ quantised. */
export interface PackedQuantization {
  readonly layout: "gptq" | "awq";
  readonly bits: 4 | 8;
  /** -1: one group for all columns. */
  readonly group_size: number;
  /** GPTQ's first format stores each zero less one. */
  readonly zerosLessOne: boolean;
  /** Columns may be out of order, with their groups in `g_idx`. */
  readonly actOrder: boolean;
}

/** @throws {@link CheckpointError} for bits, group sizes and formats that cannot be read. */
export function gptqQuantization(config: Readonly<Record<string, unknown>>): PackedQuantization {
  const { bits, checkpoint_format = "gptq", is_marlin_format, dynamic } = config;
  const format = is_marlin_format === true ? "marlin" : checkpoint_format;
  if (format !== "gptq" && format !== "gptq_v2")
    throw unsupported(`GPTQ in the checkpoint_format ${JSON.stringify(format)}; only "gptq" and "gptq_v2" can be read`);
  if (bits !== 4 && bits !== 8)
    throw unsupported(`GPTQ in ${JSON.stringify(bits) ?? "no"} bits; only 4 and 8 can be read`);
  const overrides = typeof dynamic === "object" && dynamic !== null ? Object.values(dynamic) : [];
  if (overrides.some((own) => own?.bits !== undefined || own?.group_size !== undefined))
    throw unsupported("GPTQ with bits or group_size of their own for some modules (dynamic)");
  return {
    layout: "gptq",
    bits,
    group_size: groupSize(config),
    zerosLessOne: format === "gptq",
    actOrder: config.desc_act === true,
  };
}

/** @throws {@link CheckpointError} for bits, group sizes and versions that cannot be read. */
export function awqQuantization(config: Readonly<Record<string, unknown>>): PackedQuantization {
  const bits = config.bits ?? config.w_bit;
  const version = config.version ?? config.format ?? "gemm";
  if (typeof version !== "string" || version.toLowerCase() !== "gemm")
    throw unsupported(`AWQ in the version ${JSON.stringify(version)}; only "gemm" can be read`);
  if (bits !== 4) throw unsupported(`AWQ in ${JSON.stringify(bits) ?? "no"} bits; only 4 can be read`);
  return { layout: "awq", bits, group_size: groupSize(config), zerosLessOne: false, actOrder: false };
}

function groupSize({ group_size, q_group_size }: Readonly<Record<string, unknown>>): number {
  const size = group_size ?? q_group_size;
  if (typeof size === "number" && (size === -1 || (Number.isSafeInteger(size) && size >= 8 && size % 8 === 0)))
    return size;
  throw unsupported(`a group_size that is ${JSON.stringify(size) ?? "missing"}; -1 or a multiple of 8 was expected`);
}

/** A matrix as GPTQ or AWQ packs it: integers, zeros and scales, transposed against ours. */
export function packed(
  checkpoint: Checkpoint,
  module: string,
  shape: readonly [n: number, k: number],
  { layout, bits, group_size, zerosLessOne, actOrder }: PackedQuantization,
): PackedDescription {
  const [n, k] = shape;
  const perWord = 32 / bits;
  if (n % perWord !== 0 || k % perWord !== 0)
    throw unsupported(`${bits} bits, but ${module} of [${n}, ${k}] does not fill words of ${perWord} numbers`);
  const qweight = requireTensor(checkpoint, `${module}.qweight`);
  const qzeros = requireTensor(checkpoint, `${module}.qzeros`);
  const scales = requireTensor(checkpoint, `${module}.scales`);
  const g_idx = layout === "gptq" ? checkpoint.tensors.get(`${module}.g_idx`) : undefined;
  for (const { name, dtype } of [qweight, qzeros, ...(g_idx ? [g_idx] : [])])
    if (dtype !== "I32" && dtype !== "U32") throw wrongType(name, dtype, "I32");
  if (!isFloat(scales.dtype)) throw wrongType(scales.name, scales.dtype, "F16, BF16 or F32");
  const size = group_size === -1 ? Math.ceil(k / 8) * 8 : group_size;
  const groups = Math.ceil(k / size);
  const reason = `config.json ([${n}, ${k}] in ${bits} bits of ${layout}, groups of ${group_size === -1 ? k : size})`;
  requireShape(qweight, layout === "awq" ? [k, n / 8] : [k / perWord, n], reason);
  requireShape(qzeros, [groups, n / perWord], reason);
  requireShape(scales, [groups, n], reason);
  if (g_idx) requireShape(g_idx, [k], reason);
  else if (actOrder) requireTensor(checkpoint, `${module}.g_idx`);
  const type = FORM_OF[scales.dtype];
  return {
    kind: layout,
    module,
    shape,
    dtype: scales.dtype,
    form: {
      kind: bits === 4 ? "int4" : "int8",
      groupSize: size,
      groupType: type === "f32" ? type : `${type}-zero`,
    },
    tensors: { qweight, qzeros, scales, ...(g_idx && { g_idx }) },
    zerosLessOne,
    actOrder,
  };
}

function unsupported(found: string): CheckpointError {
  return new CheckpointError(
    "checkpoint-quantization",
    `config.json says that the weights are quantised with ${found}. Use another copy of the model: plain, GPTQ or AWQ in 4 bits, or MLX's 4 or 8 bits.`,
  );
}

function wrongType(name: string, found: string, expected: string): CheckpointError {
  return new CheckpointError(
    "checkpoint-dtype",
    `${name} is ${found}; ${expected} was expected. Fetch the file again, or another copy of the model.`,
  );
}
