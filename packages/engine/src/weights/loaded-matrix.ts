import { type Matrix, matrixTensors, type TensorRef } from "@alambic/kernels";

/** Columns that are kept in another order than the input has them: GPTQ's act-order, sorted by group. */
export interface ColumnOrder {
  /** A hash of the order, equal for equal ones: projections of one input merge only where theirs agree. */
  readonly key: string;
  /** `[K]` u32: the input that each column belongs to. */
  readonly indices: TensorRef;
}

/** A weight matrix as loaded. Whoever multiplies with it puts the input in its order first, where it has one. */
export interface LoadedMatrix extends Matrix {
  readonly order?: ColumnOrder;
}

/** Every tensor of a loaded matrix, to dispose of. */
export function loadedTensors(subject: LoadedMatrix): TensorRef[] {
  return subject.order ? [...matrixTensors(subject), subject.order.indices] : matrixTensors(subject);
}

/** Whether all keep their columns in one order, so that they can be one matrix. */
export function sameOrder([first, ...others]: readonly LoadedMatrix[]): boolean {
  return others.every(({ order }) => order?.key === first?.order?.key);
}
