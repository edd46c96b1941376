import { Model } from "../../api/model.js";
import type { EmbedResult, Pooling } from "../../api/types.js";
import { type Arguments, type Command, UsageError } from "../command.js";
import { jsonOption, loadOptions, readLoadOptions } from "../options.js";
import { f32, print } from "../output.js";

const POOLING: readonly Pooling[] = ["mean", "cls"];

export const embed: Command = {
  name: "embed",
  summary: "The vectors that an encoder makes of texts.",
  operands: ["source"],
  forms: ["<source> --text TEXT ... [options]", "<source> --ids 1,2,3 [options]"],
  options: {
    text: { type: "string", value: "TEXT ...", help: "one text or several; may be given again", list: true },
    ids: { type: "string", value: "1,2,3", help: "token ids, read as they are, in place of texts" },
    pooling: { type: "string", value: POOLING.join("|"), help: "default: what the checkpoint says, else mean" },
    normalize: {
      type: "string",
      value: "yes|no",
      help: "vectors of length 1 (default: what the checkpoint says, else no)",
    },
    hidden: { type: "boolean", help: "the last hidden state of every token too" },
    ...loadOptions,
    ...jsonOption,
  },
  async run(args) {
    const inputs = inputsOf(args);
    const pooling = args.choice("pooling", POOLING);
    const normalize = args.choice("normalize", ["yes", "no"]);
    const hidden = args.flag("hidden");
    const model = await Model.load(args.operands[0]!, readLoadOptions(args, "exact"));
    const result = await model.embed(inputs, {
      hidden,
      ...(pooling && { pooling }),
      ...(normalize && { normalize: normalize === "yes" }),
    });
    model.dispose();
    await (args.flag("json") ? printAll(result) : printShort(inputs, result));
  },
};

function inputsOf(args: Arguments): readonly (string | readonly number[])[] {
  const [texts, ids] = [args.texts("text"), args.ids("ids")];
  if (texts.length > 0 === (ids !== undefined)) throw new UsageError("Give either --text, once or more, or --ids.");
  return ids ? [ids] : texts;
}

/** Row by row: the whole may be longer than the longest string. */
async function printAll({ embeddings, lastHiddenState }: EmbedResult): Promise<void> {
  await print('{"embeddings":');
  await printRows(embeddings);
  if (lastHiddenState) {
    await print(',"last_hidden_state":[');
    for (const [index, rows] of lastHiddenState.entries()) {
      if (index > 0) await print(",");
      await printRows(rows);
    }
    await print("]");
  }
  await print("}\n");
}

async function printRows(rows: readonly Float32Array[]): Promise<void> {
  for (const [index, row] of rows.entries()) await print(`${index > 0 ? "," : "["}[${Array.from(row, f32).join(",")}]`);
  await print(rows.length > 0 ? "]" : "[]");
}

async function printShort(
  inputs: readonly (string | readonly number[])[],
  { ids, embeddings, lastHiddenState }: EmbedResult,
): Promise<void> {
  const short = (row: Float32Array) => `${[...row.slice(0, 6)].map((value) => value.toFixed(4)).join(" ")} ...`;
  for (const [index, vector] of embeddings.entries()) {
    const input = inputs[index]!;
    const name = typeof input === "string" ? JSON.stringify(input.slice(0, 60)) : input.slice(0, 12).join(",");
    await print(`${name}, ${ids[index]!.length} tokens: ${vector.length} dimensions, ${short(vector)}\n`);
    for (const [t, row] of (lastHiddenState?.[index] ?? []).entries())
      await print(`  ${ids[index]![t]}: ${short(row)}\n`);
  }
}
