import { compareModels } from "../../api/engine.js";
import { Model } from "../../api/model.js";
import type { Comparison, ModelHandle } from "../../api/types.js";
import { type Command, UsageError } from "../command.js";
import { jsonOption, loadOptions, readLoadOptions } from "../options.js";
import { print, printJson } from "../output.js";

export const compare: Command = {
  name: "compare",
  summary: "How far a student's predictions are from its teacher's, token by token of a text.",
  operands: ["teacher", "student"],
  forms: ["<teacher> <student> --text TEXT [options]", "<teacher> <student> --ids 1,2,3 [options]"],
  options: {
    text: { type: "string", value: "TEXT", help: "the text, cut by the teacher's tokenizer" },
    ids: { type: "string", value: "1,2,3", help: "token ids, for models without a tokenizer" },
    ...loadOptions,
    ...jsonOption,
  },
  async run(args) {
    const text = args.text("text");
    const ids = args.ids("ids");
    if ((text === undefined) === (ids === undefined)) throw new UsageError("Give exactly one of --text and --ids.");
    const options = readLoadOptions(args, "exact");
    const teacher = await Model.load(args.operands[0]!, options);
    const student = await Model.load(args.operands[1]!, options);
    const comparison = await compareModels(teacher, student, ids ?? (await teacher.encode(text!)));
    if (args.flag("json")) await printJson(report(comparison));
    else await describe(comparison, teacher);
    teacher.dispose();
    student.dispose();
  },
};

/** Distances alone, as scripts have come to know them; the library's own comparison has the likeliest tokens too. */
function report({ ids, positions, mean_kl, top1_agreement }: Comparison) {
  const distances = positions.map(({ kl, teacher_top1, student_top1, agree }) => ({
    kl,
    teacher_top1,
    student_top1,
    agree,
  }));
  return { ids, positions: distances, mean_kl, top1_agreement };
}

async function describe(comparison: Comparison, teacher: ModelHandle): Promise<void> {
  const { ids, positions, mean_kl, top1_agreement, first_divergence, teacher_perplexity, student_perplexity } =
    comparison;
  const name = async (id: number) => (teacher.info.text ? JSON.stringify(await teacher.decode([id])) : String(id));
  for (const [t, { kl, teacher_top1, student_top1, agree }] of positions.entries()) {
    const guess = agree ? await name(teacher_top1) : `${await name(teacher_top1)} / ${await name(student_top1)}`;
    await print(`${kl.toFixed(4)} nats  after ${await name(ids[t]!)}: ${guess}\n`);
  }
  await print(
    `mean KL ${mean_kl.toFixed(4)} nats, the same first choice at ${(100 * top1_agreement).toFixed(1)} % of positions\n`,
  );
  if (first_divergence !== undefined)
    await print(`first divergence after token ${first_divergence + 1}, ${await name(ids[first_divergence]!)}\n`);
  if (teacher_perplexity !== undefined && student_perplexity !== undefined)
    await print(
      `perplexity ${teacher_perplexity.toFixed(2)} for the teacher, ${student_perplexity.toFixed(2)} for the student\n`,
    );
}
