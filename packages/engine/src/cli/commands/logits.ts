import { Model } from "../../api/model.js";
import { type Command, UsageError } from "../command.js";
import { adapterOptions, addAdapters, jsonOption, loadOptions, readLoadOptions } from "../options.js";
import { f32, print } from "../output.js";

export const logits: Command = {
  name: "logits",
  summary: "The logits of every position of a sequence of token ids.",
  operands: ["source"],
  forms: ["<source> --ids 1,2,3 [options]"],
  options: {
    ids: { type: "string", value: "1,2,3", help: "the token ids" },
    ...loadOptions,
    ...adapterOptions,
    ...jsonOption,
  },
  async run(args) {
    const ids = args.ids("ids");
    if (!ids) throw new UsageError("--ids is missing.");
    const model = await Model.load(args.operands[0]!, readLoadOptions(args, "exact"));
    await addAdapters(model, args);
    const result = await model.forward(ids);
    model.dispose();
    await (args.flag("json") ? printAll(ids, result.logits) : printTop(ids, result.logits));
  },
};

/** Row by row: the whole may be longer than the longest string. */
async function printAll(ids: readonly number[], rows: readonly Float32Array[]): Promise<void> {
  await print(`{"ids":${JSON.stringify(ids)},"logits":[`);
  for (const [t, row] of rows.entries()) await print(`${t > 0 ? "," : ""}[${Array.from(row, f32).join(",")}]`);
  await print("]}\n");
}

async function printTop(ids: readonly number[], rows: readonly Float32Array[]): Promise<void> {
  for (const [t, row] of rows.entries()) {
    const top = Array.from(row, (value, id) => ({ id, value })).sort((a, b) => b.value - a.value);
    const shown = top.slice(0, 5).map(({ id, value }) => `${id} (${value.toFixed(4)})`);
    await print(`after ${ids[t]}: ${shown.join("  ")}\n`);
  }
}
