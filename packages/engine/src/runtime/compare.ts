import {
  compareLogits,
  type Dispatch,
  nll,
  ShapeError,
  type TensorRef,
  TOP_TOKENS,
  tensor,
  topTokens,
} from "@alambic/kernels";
import type { ComparedPosition, Comparison, TokenProbability } from "../api/types.js";
import { ForwardPass, forwardRows } from "./forward.js";
import type { LoadedModel } from "./loaded-model.js";
import { assertText } from "./token-ids.js";

/** No token of any vocabulary: nothing came after the last. */
const NONE = 0xffffffff;

/**
 * How far a student is from its teacher on one text, position by position. Both run on one device and their logits
 * never leave it. A signal ends it between two chunks of the text.
 *
 * @throws {@link ShapeError} when the vocabularies differ: token ids would then mean different things.
 * @throws RangeError when there is no token, or one outside the vocabulary.
 */
export async function compare(
  teacher: LoadedModel,
  student: LoadedModel,
  ids: readonly number[],
  signal?: AbortSignal,
): Promise<Comparison> {
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
  const distance = tensor("comparison", [rows, 4]);
  const targets = tensor("next tokens", [rows], "u32");
  const own: TensorRef[] = [distance, targets];
  buffers.allocate(...own);
  const passes: ForwardPass[] = [];
  try {
    const judge = async (model: LoadedModel) => {
      const pass = await ForwardPass.open(model, ids.length, rows);
      passes.push(pass);
      const judged = new Judged(pass, rows, targets);
      own.push(judged.loss, judged.top);
      buffers.allocate(judged.loss, judged.top);
      await executor.prepare(judged.dispatches);
      return { pass, judged };
    };
    const [first, second] = [await judge(teacher), await judge(student)];
    const { step } = first.pass;
    const compared = compareLogits({ step, teacher: first.pass.logits, student: second.pass.logits, result: distance });
    await executor.prepare([compared]);
    const positions: ComparedPosition[] = [];
    for (let position = 0; position < ids.length; position += rows) {
      signal?.throwIfAborted();
      const chunk = ids.slice(position, position + rows);
      buffers.write(
        targets,
        Uint32Array.from(chunk, (_, row) => ids[position + row + 1] ?? NONE),
      );
      first.pass.run(chunk, position);
      second.pass.run(chunk, position);
      executor.run([compared, ...first.judged.dispatches, ...second.judged.dispatches]);
      const read = async (of: TensorRef) => (await buffers.read(of)) as Float32Array;
      const [values, teacherLoss, studentLoss, teacherTop, studentTop] = await Promise.all(
        [distance, first.judged.loss, second.judged.loss, first.judged.top, second.judged.top].map(read),
      );
      teacher.gpu.assertHealthy();
      for (let row = 0; row < chunk.length; row++) {
        const [kl = 0, teacher_top1 = 0, student_top1 = 0] = values!.subarray(4 * row, 4 * row + 3);
        const followed = position + row + 1 < ids.length;
        positions.push({
          kl,
          teacher_top1,
          student_top1,
          agree: teacher_top1 === student_top1,
          teacher_top5: topOf(teacherTop!, row),
          student_top5: topOf(studentTop!, row),
          ...(followed && { teacher_nll: teacherLoss![row]!, student_nll: studentLoss![row]! }),
        });
      }
    }
    return summary(ids, positions);
  } finally {
    for (const pass of passes) pass.dispose();
    buffers.dispose(...own);
  }
}

/** What is taken of one model's logits by itself. */
class Judged {
  readonly loss: TensorRef;
  readonly top: TensorRef;
  readonly dispatches: readonly Dispatch[];

  constructor({ step, logits }: ForwardPass, rows: number, targets: TensorRef) {
    this.loss = tensor("loss", [rows]);
    this.top = tensor("likeliest tokens", [rows, TOP_TOKENS, 2]);
    this.dispatches = [
      nll({ step, logits, targets, result: this.loss }),
      topTokens({ step, logits, result: this.top }),
    ];
  }
}

function topOf(values: Float32Array, row: number): TokenProbability[] {
  const width = 2 * TOP_TOKENS;
  const entries = values.subarray(row * width, (row + 1) * width);
  const tokens: TokenProbability[] = [];
  for (let at = 0; at < width && entries[at]! >= 0; at += 2) {
    tokens.push({ id: entries[at]!, probability: Math.exp(entries[at + 1]!) });
  }
  return tokens;
}

function summary(ids: readonly number[], positions: readonly ComparedPosition[]): Comparison {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const followed = positions.slice(0, -1);
  const divergence = positions.findIndex(({ agree }) => !agree);
  return {
    ids,
    positions,
    mean_kl: mean(positions.map(({ kl }) => kl)),
    top1_agreement: mean(positions.map(({ agree }) => Number(agree))),
    ...(divergence >= 0 && { first_divergence: divergence }),
    ...(followed.length > 0 && {
      teacher_perplexity: Math.exp(mean(followed.map(({ teacher_nll = 0 }) => teacher_nll))),
      student_perplexity: Math.exp(mean(followed.map(({ student_nll = 0 }) => student_nll))),
    }),
  };
}
