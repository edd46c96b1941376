import { type Dispatch, elementCount, sizeOf, spread, type TensorRef } from "../../dispatch.js";
import type { AdapterReport } from "../../gpu/device.js";
import { ShapeError } from "../../gpu/errors.js";
import type { Matrix } from "../../matrix.js";
import { type Activation, activations } from "../../parts/activations.js";
import { weightAccess } from "../../parts/weights.js";
import { type InputNorm, matvecDefault, matvecLayout } from "../matvec/layout.js";
import operandsWgsl from "./gate-up-operands.wgsl?raw";

export interface GateUpInputs {
  /** `[1, K]`. */
  readonly x: TensorRef;
  /** `[2 width, K]`: the rows of the gate projection, then those of the up projection, one block. */
  readonly matrix: Matrix;
  /** `[1, width]`. */
  readonly y: TensorRef;
  readonly activation: Activation;
  /** RMS norm of x before the projections. Where `matvecNorms` says so, and not together with a bias. */
  readonly norm?: InputNorm;
  /** `[2 width]`. */
  readonly bias?: TensorRef;
  readonly adapter?: AdapterReport["kind"];
  /** Least lanes of the device's subgroups, 0 unless said. Software adapters with eight or more have a layout of their own. */
  readonly subgroupSize?: number | undefined;
  /** One of `matvecVariants`; default: the adapter's. */
  readonly variant?: string | undefined;
}

/**
 * The first half of a gated MLP for one token, in one dispatch: `y = activation(gate x) · (up x)`.
 *
 * @throws {@link ShapeError} when the sizes do not fit, or the matrix is in several blocks.
 */
export function gateUp({
  x,
  matrix,
  y,
  activation,
  norm,
  bias,
  adapter = "gpu",
  subgroupSize,
  variant,
}: GateUpInputs): Dispatch {
  const [n, k] = matrix.shape;
  const [block] = matrix.blocks;
  const width = elementCount(y.shape);
  if (!block || matrix.blocks.length > 1 || n !== 2 * width || elementCount(x.shape) !== k || (norm && bias)) {
    throw new ShapeError(
      `gateUp: ${matrix.name} is [${matrix.shape}] in ${matrix.blocks.length} blocks, x [${x.shape}] and y [${y.shape}]; one block of [2 width, K], K and width values were expected, and a norm or a bias but not both. Use matvec and swiglu.`,
    );
  }
  const access = weightAccess(matrix, block);
  const { parts, constants, rowsPerWorkgroup } = matvecLayout(
    variant ?? matvecDefault(adapter, matrix, subgroupSize),
    matrix,
    norm,
    subgroupSize,
  );
  const rows = 4 * Math.ceil(width / 2);
  return {
    label: `gateUp ${n}x${k} ${matrix.form.kind}`,
    kernel: {
      parts: [...access.parts, activations[activation], operandsPart, ...parts],
      constants: { ...access.constants, ...constants, ROWS: rows, WIDTH: width, BIAS: bias ? 1 : 0 },
    },
    buffers: [...access.buffers, x, norm?.weight ?? bias ?? x, y],
    workgroups: spread(Math.ceil(rows / rowsPerWorkgroup)),
    cost: {
      bytes: [block.values, block.groups, x, norm?.weight, bias, y].reduce(
        (sum, used) => sum + (used ? sizeOf(used) : 0),
        0,
      ),
      flops: 2 * n * k,
    },
  };
}

const operandsPart = { name: "gate-up-operands.wgsl", wgsl: operandsWgsl };
