import { type Dispatch, spread, type TensorRef } from "../../dispatch.js";
import { ShapeError } from "../../gpu/errors.js";
import { best } from "../../parts/best.js";
import { lanesWorkgroup, step as stepPart } from "../../parts/index.js";
import wgsl from "./compare-logits.wgsl?raw";

export interface CompareLogitsInputs {
  /** `[2]` u32: position and count; rows at or past count are left alone. */
  readonly step: TensorRef;
  /** `[T, V]`. */
  readonly teacher: TensorRef;
  /** `[T, V]`. */
  readonly student: TensorRef;
  /** `[T, 4]` f32: KL(teacher ‖ student) in nats, the teacher's top token, the student's top token, the teacher's entropy in nats. */
  readonly result: TensorRef;
}

/**
 * How far a student's next-token distribution is from its teacher's, for each row: KL(teacher ‖ student) and both top
 * tokens (as f32 values, exact up to 2^24).
 *
 * @throws {@link ShapeError} when teacher and student differ in shape, or result is not `[T, 4]`.
 */
export function compareLogits({ step, teacher, student, result }: CompareLogitsInputs): Dispatch {
  const [rows = 0, width = 0] = teacher.shape;
  if (student.shape[0] !== rows || student.shape[1] !== width || result.shape[0] !== rows || result.shape[1] !== 4) {
    throw new ShapeError(
      `compareLogits: teacher is [${teacher.shape}], so student must be too and result [${rows},4]; found [${student.shape}] and [${result.shape}]. A student with another vocabulary cannot be compared token by token.`,
    );
  }
  return {
    label: `compareLogits ${rows}x${width}`,
    kernel: {
      parts: [stepPart, lanesWorkgroup, best, kernelPart],
      constants: { LANES: 256 },
    },
    buffers: [step, teacher, student, result],
    workgroups: spread(rows),
    cost: { bytes: 8 * rows * width + 16 * rows, flops: 20 * rows * width },
  };
}

const kernelPart = { name: "compare-logits.wgsl", wgsl };
