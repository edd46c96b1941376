import { readFile } from "node:fs/promises";
import type { Quantize, Verification } from "../../api/types.js";
import { verify as verifyModel } from "../../api/verify.js";
import { type Command, table, UsageError } from "../command.js";
import { interruptible } from "../interrupt.js";
import { jsonOption } from "../options.js";
import { mebibytes, print, printJson, showProgress } from "../output.js";

const QUANTIZE: readonly Quantize[] = ["int4", "int8", "none"];

export const verify: Command = {
  name: "verify",
  summary:
    "How far a quantised model is from the unquantised one, by what both predict of a text: KL divergence, agreement, perplexity.",
  operands: ["source"],
  forms: ["<source> [--quantize int4|int8] [options]", "<quantised source> --reference <unquantised source> [options]"],
  options: {
    quantize: {
      type: "string",
      value: QUANTIZE.join("|"),
      help: "what to verify (default int4; none with --reference)",
    },
    reference: { type: "string", value: "SOURCE", help: "the checkpoint that a quantised one was made from" },
    text: { type: "string", value: "FILE", help: "a text to read, UTF-8 (default: a short one of our own)" },
    ids: { type: "string", value: "1,2,3", help: "token ids in its place, for models without a tokenizer" },
    ...jsonOption,
  },
  async run(args) {
    const quantize = args.choice("quantize", QUANTIZE);
    const reference = args.text("reference");
    const file = args.text("text");
    const ids = args.ids("ids");
    if (file !== undefined && ids) throw new UsageError("Give at most one of --text and --ids.");
    const text = file === undefined ? undefined : await readText(file);
    const { signal, release } = interruptible();
    try {
      const result = await verifyModel(args.operands[0]!, {
        ...(quantize && { quantize }),
        ...(reference !== undefined && { reference }),
        ...(text !== undefined && { text }),
        ...(ids && { ids }),
        ...(args.flag("json") ? {} : { onProgress: showProgress }),
        signal,
      });
      if (args.flag("json")) await printJson(result);
      else await print(describe(result));
    } finally {
      release();
    }
  },
};

async function readText(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (cause) {
    throw new UsageError(`--text ${file} cannot be read as a text: ${(cause as Error).message}.`, { cause });
  }
}

function describe(result: Verification): string {
  const { model, reference, quantize, tokens, bytes, adapter } = result;
  const nats = (value: number) => `${value.toPrecision(3)} nats`;
  return [
    `${model}${quantize === "none" ? "" : ` as ${quantize}`} beside ${reference}, ${tokens} tokens on ${adapter}`,
    ...table([
      ["KL, mean", nats(result.mean_kl)],
      ["KL, median / p99 / most", [result.median_kl, result.p99_kl, result.max_kl].map(nats).join(" / ")],
      ["same first choice", `${(100 * result.top1_agreement).toFixed(1)} % of positions`],
      ["perplexity", `${result.perplexity.toFixed(3)} beside ${result.reference_perplexity.toFixed(3)}`],
      ["weights on the GPU", `${mebibytes(bytes.model)} beside ${mebibytes(bytes.reference)}`],
    ]),
    "",
  ].join("\n");
}
