import { compareLogits, ShapeError, tensor } from "@alambic/kernels";
import type { ComparedPosition, Comparison } from "../api/types.js";
import { ForwardPass, forwardRows } from "./forward.js";
import type { LoadedModel } from "./loaded-model.js";
import { assertText } from "./token-ids.js";

/**
 * How far a student is from its teacher on one text, position by position. Both run on one device and their logits
 * never leave it.
 *
 * @throws {@link ShapeError} when the vocabularies differ: token ids would then mean different things.
 * @throws RangeError when there is no token, or one outside the vocabulary.
 */
export async function compare(teacher: LoadedModel, student: LoadedModel, ids: readonly number[]): Promise<Comparison> {
  const vocabulary = teacher.architecture.vocabulary;
  if (student.architecture.vocabulary !== vocabulary) {
    throw new ShapeError(
      `The teacher's vocabulary has ${vocabulary} tokens and the student's ${student.architecture.vocabulary}. Compare models that share a tokenizer.`,
    );
  }
  if (teacher.gpu !== student.gpu)
    throw new ShapeError("Teacher and student are on different devices. Load both with the same gpu.");
  if ([teacher, student].some(({ architecture }) => architecture.kind === "encoder"))
    throw new ShapeError("compare needs two decoders; an encoder has no logits. Compare embeddings instead (embed).");
  assertText(ids, vocabulary);
  const { buffers, executor } = teacher.gpu;
  const rows = Math.min(forwardRows(teacher), ids.length);
  const result = tensor("comparison", [rows, 4]);
  buffers.allocate(result);
  let first: ForwardPass | undefined;
  let second: ForwardPass | undefined;
  try {
    first = await ForwardPass.open(teacher, ids.length, rows);
    second = await ForwardPass.open(student, ids.length, rows);
    const compared = compareLogits({ step: first.step, teacher: first.logits, student: second.logits, result });
    await executor.prepare([compared]);
    const positions: ComparedPosition[] = [];
    for (let position = 0; position < ids.length; position += rows) {
      const chunk = ids.slice(position, position + rows);
      first.run(chunk, position);
      second.run(chunk, position);
      executor.run([compared]);
      const values = (await buffers.read(result)) as Float32Array;
      teacher.gpu.assertHealthy();
      for (let row = 0; row < chunk.length; row++) {
        const [kl = 0, teacher_top1 = 0, student_top1 = 0] = values.subarray(4 * row, 4 * row + 3);
        positions.push({ kl, teacher_top1, student_top1, agree: teacher_top1 === student_top1 });
      }
    }
    const mean = (pick: (position: ComparedPosition) => number) =>
      positions.reduce((sum, each) => sum + pick(each), 0) / positions.length;
    return { ids, positions, mean_kl: mean(({ kl }) => kl), top1_agreement: mean(({ agree }) => Number(agree)) };
  } finally {
    first?.dispose();
    second?.dispose();
    buffers.dispose(result);
  }
}
