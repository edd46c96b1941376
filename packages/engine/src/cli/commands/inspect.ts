import { Model } from "../../api/model.js";
import type { Inspection } from "../../api/types.js";
import { type Command, table } from "../command.js";
import { jsonOption } from "../options.js";
import { count, mebibytes, print, printJson } from "../output.js";

export const inspect: Command = {
  name: "inspect",
  summary: "What a checkpoint is and needs, from its headers alone: no weight is fetched.",
  operands: ["source"],
  forms: ["<source> [--json]"],
  options: jsonOption,
  async run(args) {
    const inspection = await Model.inspect(args.operands[0]!);
    const { family, context, parameters, bytes } = inspection;
    if (args.flag("json")) await printJson({ family, context, parameters, bytes });
    else await print(describe(inspection));
  },
};

function describe({ family, context, layers, vocabulary, parameters, bytes, kvBytesPer1k }: Inspection): string {
  return [
    `${family}, ${layers} layers, a vocabulary of ${count(vocabulary)}, made for ${count(context)} tokens`,
    "parameters",
    ...table(Object.entries(parameters).map(([section, number]) => [section, count(number)] as const)),
    "bytes",
    ...table([
      ["on disk", mebibytes(bytes.disk)],
      ["on the GPU", mebibytes(bytes.none)],
      ["--quantize int8", mebibytes(bytes.int8)],
      ["--quantize int4", mebibytes(bytes.int4)],
      [
        "1,024 tokens",
        `${mebibytes(kvBytesPer1k.f32)} of keys and values, ${mebibytes(kvBytesPer1k.f16)} with --kv f16, ${mebibytes(kvBytesPer1k.int8)} with int8`,
      ],
    ]),
    "",
  ].join("\n");
}
