import { type Dispatch, elementCount, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import { type KvForm, kvRowWords } from "../../kv-form.js";
import type { Matrix } from "../../matrix.js";
import { step as stepPart } from "../../parts/index.js";
import { kvWrite } from "../../parts/kv.js";
import { weightAccess } from "../../parts/weights.js";
import { type InputNorm, matvecDefault, matvecLayout } from "../matvec/layout.js";
import operandsWgsl from "./qkv-operands.wgsl?raw";

export interface QkvInputs {
  /** `[2]` u32: position and count; count must be 1. */
  readonly step: TensorRef;
  /** `[1, K]`. */
  readonly x: TensorRef;
  /** `[(heads + 2 kvHeads) headDim, K]`: the rows of the query, key and value projections one after the other, one block. */
  readonly matrix: Matrix;
  /** `[positions, headDim / 2, 2]`. */
  readonly table: TensorRef;
  /** `[1, heads, headDim]`. */
  readonly q: TensorRef;
  /** `[2, kvHeads, capacity, kvRowWords]`: keys, then values. */
  readonly cache: TensorRef;
  /** How the cache keeps them; f32 unless given, and not int8, whose scale no lane of a projection knows. */
  readonly kv?: KvForm;
  /** RMS norm of x before the projections. Where `matvecNorms` says so, and not together with a bias. */
  readonly norm?: InputNorm;
  /** `[(heads + 2 kvHeads) headDim]`. */
  readonly bias?: TensorRef;
  readonly adapter?: AdapterReport["kind"];
  /** Least lanes of the device's subgroups, 0 unless said. Software adapters with eight or more have a layout of their own. */
  readonly subgroupSize?: number | undefined;
  /** One of `matvecVariants`; default: the adapter's. */
  readonly variant?: string | undefined;
}

/** Whether `qkv` can do a layer: the rest goes through matvec and ropeAppend. */
export function qkvFits(matrix: Matrix, headDim: number, kv: KvForm = "f32"): boolean {
  return matrix.blocks.length === 1 && headDim % 4 === 0 && kv !== "int8";
}

/**
 * A decode step up to attention in one dispatch: the three projections, their biases, the rotation of queries and keys,
 * and the append to the cache. Positions at or past the capacity are not written.
 *
 * @throws {@link ShapeError} when the sizes do not fit each other.
 */
export function qkv({
  step,
  x,
  matrix,
  table,
  q,
  cache,
  kv = "f32",
  norm,
  bias,
  adapter = "gpu",
  subgroupSize,
  variant,
}: QkvInputs): Dispatch {
  const [n, k] = matrix.shape;
  const [, heads = 0, headDim = 0] = q.shape;
  const [, kvHeads = 0, capacity = 0] = cache.shape;
  const [block] = matrix.blocks;
  const fits =
    qkvFits(matrix, headDim, kv) &&
    n === (heads + 2 * kvHeads) * headDim &&
    cache.shape[3] === kvRowWords(kv, headDim) &&
    table.shape[1] === headDim / 2 &&
    elementCount(x.shape) === k &&
    !(norm && bias);
  if (!fits || !block) {
    throw new ShapeError(
      `qkv: x [${x.shape}], ${matrix.name} [${matrix.shape}] in ${matrix.blocks.length} blocks, table [${table.shape}], q [${q.shape}] and ${kv} cache [${cache.shape}] do not fit each other, or a norm and a bias were both given. Use matvec and ropeAppend.`,
    );
  }
  const access = weightAccess(matrix, block);
  const { parts, constants, rowsPerWorkgroup } = matvecLayout(
    variant ?? matvecDefault(adapter, matrix, subgroupSize),
    matrix,
    norm,
    subgroupSize,
  );
  return {
    label: `qkv ${n}x${k} ${matrix.form.kind}`,
    kernel: {
      parts: [stepPart, ...access.parts, kvWrite[kv], operandsPart, ...parts],
      constants: {
        ...access.constants,
        ...constants,
        ROWS: n,
        HEADS: heads,
        KV_HEADS: kvHeads,
        HEAD_DIM: headDim,
        BIAS: bias ? 1 : 0,
      },
    },
    buffers: [...access.buffers, x, norm?.weight ?? bias ?? x, table, step, q, cache],
    uniforms: [capacity],
    workgroups: spread(Math.ceil(n / rowsPerWorkgroup)),
    cost: {
      bytes: [block.values, block.groups, x, norm?.weight, bias].reduce(
        (sum, used) => sum + (used ? sizeOf(used) : 0),
        4 * n,
      ),
      flops: 2 * n * k,
    },
  };
}

const operandsPart = { name: "qkv-operands.wgsl", wgsl: operandsWgsl };
