import { NoWebGpuError } from "@alambic/kernels";
import { Model } from "../../api/model.js";
import type { Inspection, Verdict } from "../../api/types.js";
import { type Arguments, type Command, table } from "../command.js";
import { jsonOption } from "../options.js";
import { count, mebibytes, print, printJson } from "../output.js";

export const inspect: Command = {
  name: "inspect",
  summary: "What a checkpoint is and needs, and whether it runs here, from its headers alone: no weight is fetched.",
  operands: ["source"],
  forms: ["<source> [--context N] [--headers] [--json]"],
  options: {
    context: { type: "string", value: "N", help: "tokens to make room for (default: the model's own, 4096 at most)" },
    headers: { type: "boolean", help: "only what the headers tell: leave this machine's device alone" },
    ...jsonOption,
  },
  async run(args) {
    const inspection = await look(args);
    if (args.flag("json")) await printJson(inspection);
    else await print(describe(inspection));
  },
};

/** Without WebGPU there is no verdict, but everything else. */
async function look(args: Arguments): Promise<Inspection> {
  const source = args.operands[0]!;
  if (args.flag("headers")) return Model.inspect(source);
  const contextLength = args.integer("context", 2);
  try {
    return await Model.inspect(source, { verdict: true, ...(contextLength && { contextLength }) });
  } catch (error) {
    if (error instanceof NoWebGpuError) return Model.inspect(source);
    throw error;
  }
}

function describe(inspection: Inspection): string {
  const { family, context, layers, vocabulary, parameters, bytes, kvBytesPer1k, verdict } = inspection;
  const { total, active } = parameters;
  const share = (number: number) => `${count(number)}  ${((100 * number) / total).toFixed(1)} %`;
  return [
    `${family}, ${layers} layers, a vocabulary of ${count(vocabulary)}, made for ${count(context)} tokens`,
    "parameters",
    ...table([
      ["total", count(total)],
      ...(active < total ? [["active per token", share(active)] as const] : []),
      ...(["embedding", "attention", "mlp", "experts", "norm"] as const)
        .filter((section) => parameters[section] > 0)
        .map((section) => [section, share(parameters[section])] as const),
    ]),
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
    ...(verdict ? describeVerdict(verdict) : []),
    "",
  ].join("\n");
}

function describeVerdict({ adapter, reason, tokensPerSecond, roofline }: Verdict): string[] {
  const { readGBs, gflops } = roofline;
  const asked = tokensPerSecond ? Object.entries(tokensPerSecond) : [];
  // What is quantised already is the same whatever is asked for.
  const rates = new Set(asked.map(([, rate]) => rate)).size === 1 ? asked.slice(0, 1) : asked;
  return [
    `on ${adapter.name}${adapter.kind === "software" ? " (software)" : ""}, measured: ${readGBs.toFixed(1)} GB/s, ${gflops.toFixed(1)} GFLOPS`,
    `  ${reason}`,
    ...table(rates.map(([quantize, rate]) => [quantize, `at most ${rate.toPrecision(3)} tokens/s`] as const)),
  ];
}
