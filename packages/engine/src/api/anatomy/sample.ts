import { dequantise, type Gpu, type Matrix, matrixTensors, tensor } from "@alambic/kernels";
import type { WeightDescription } from "../../weights/formats/description.js";
import { loadedTensors } from "../../weights/loaded-matrix.js";
import type { Checkpoint, TensorInfo } from "../../weights/safetensors.js";
import { uploadMatrix } from "../../weights/upload.js";

/** Numbers to look at: enough for a histogram, and a few megabytes to fetch whatever the tensor. */
const NUMBERS = 2 ** 20;
const BANDS = 16;

export interface Sample {
  readonly rows: number;
  /** `[rows, K]`, as f32: what the stored numbers stand for, exactly. */
  readonly values: Float32Array;
}

/** Bands of rows, evenly spread over a matrix, as the numbers they stand for. */
export async function sampleMatrix(
  gpu: Gpu,
  checkpoint: Checkpoint,
  description: WeightDescription,
  signal: AbortSignal | undefined,
): Promise<Sample> {
  const [n, k] = description.shape;
  if (description.kind === "gptq" || description.kind === "awq")
    return sampleFirstRows(gpu, checkpoint, description, signal);
  const bands = bandsOf(n, Math.max(1, Math.floor(NUMBERS / k)));
  const rows = bands.reduce((sum, band) => sum + band.rows, 0);
  const values = new Float32Array(rows * k);
  let row = 0;
  for (const band of bands) {
    signal?.throwIfAborted();
    values.set(await readBand(gpu, checkpoint, description, band, signal), row * k);
    row += band.rows;
  }
  return { rows, values };
}

/** GPTQ and AWQ pack across rows: of such a matrix all is fetched, and its first rows are looked at. */
async function sampleFirstRows(
  gpu: Gpu,
  checkpoint: Checkpoint,
  description: WeightDescription,
  signal: AbortSignal | undefined,
): Promise<Sample> {
  const whole = await uploadMatrix(gpu, checkpoint, description, { quantize: "none", signal });
  try {
    const k = whole.shape[1];
    const block = whole.blocks[0]!;
    const rows = Math.min(block.rows, Math.max(1, Math.floor(NUMBERS / k)));
    return { rows, values: await readMatrix(gpu, { ...whole, shape: [rows, k], blocks: [{ ...block, rows }] }) };
  } finally {
    gpu.buffers.dispose(...loadedTensors(whole));
  }
}

interface Band {
  readonly first: number;
  readonly rows: number;
}

function bandsOf(n: number, wanted: number): Band[] {
  if (wanted >= n) return [{ first: 0, rows: n }];
  const each = Math.max(1, Math.floor(wanted / BANDS));
  const count = Math.min(BANDS, wanted);
  const starts = Array.from({ length: count }, (_, i) => Math.floor((i * (n - each)) / (count - 1 || 1)));
  return starts.map((first) => ({ first, rows: each }));
}

async function readBand(
  gpu: Gpu,
  checkpoint: Checkpoint,
  description: WeightDescription,
  { first, rows }: Band,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const uploaded = await uploadMatrix(gpu, checkpoint, rowsOf(description, first, rows), { quantize: "none", signal });
  try {
    return await readMatrix(gpu, uploaded);
  } finally {
    gpu.buffers.dispose(...matrixTensors(uploaded));
  }
}

/** The matrix of some rows alone: in a file, the rows of a matrix lie one after the other. */
function rowsOf<Description extends WeightDescription>(whole: Description, first: number, rows: number): Description {
  const cut = (info: TensorInfo): TensorInfo => {
    const rowBytes = (info.end - info.start) / whole.shape[0];
    const start = info.start + first * rowBytes;
    return { ...info, shape: [rows, info.shape[1]!], start, end: start + rows * rowBytes };
  };
  const tensors = Object.fromEntries(Object.entries(whole.tensors).map(([use, info]) => [use, cut(info)]));
  return { ...whole, shape: [rows, whole.shape[1]], tensors };
}

/** A small matrix on the GPU, in any form, as the numbers it stands for. */
export async function readMatrix(gpu: Gpu, { name, form, shape: [n, k], blocks }: Matrix): Promise<Float32Array> {
  const values = new Float32Array(n * k);
  for (const block of blocks) {
    const y = tensor(`${name} read`, [block.rows, k]);
    gpu.buffers.allocate(y);
    try {
      await gpu.executor.execute([dequantise({ block, form, k, rows: block.rows, y })]);
      values.set((await gpu.buffers.read(y)) as Float32Array, block.firstRow * k);
    } finally {
      gpu.buffers.dispose(y);
    }
  }
  return values;
}
