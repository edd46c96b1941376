import { SYNTHETIC_SHAPES } from "../core/ladder.js";
import { PEER_KEYS } from "../peers/keys.js";

export function help(): string {
  return `Measures tokens per second on this machine's WebGPU adapter, and how near that is to what the adapter can do.

Usage: pnpm bench [options]
       pnpm bench plot <a.json> [<b.json> ...] [--svg FILE]

  -p, --prompt N,...       tokens of a prompt to read, a row each (default 512; 0: none)
  -n, --generate N,...     tokens to write, a row each (default 128; 0: none)
  -d, --depth N,...        tokens of context before them (default 0)
  -r, --repetitions N      runs of each row after a warm-up (default 5)
  -m, --models NAME,...    all (default), real, synthetic, a name from below, a folder, or a Hub id
      --quantize FORM      int4 (default), int8 or none: for synthetic models, and others that are not quantised
      --precision FORM     exact (default) or fast
      --kv FORM            keys and values in f32 (default of exact), f16 (of fast) or int8
      --budget TIME        300, 90s, 5m: rows predicted to take longer than what is left are skipped (default 5m)
      --quick              -p 16 -n 4 -r 2 --budget 60s, where these are not given;
                           the smallest models first
      --no-quality         leave out bits per byte and KL of real checkpoints
      --peers [NAME,...]   the teacher alone unless --models says more, then the same rows of other engines on the same
                           weights, each with the budget for itself; needs npm, Python 3 and the internet once.
                           All of these, or those named:
                           ${PEER_KEYS.slice(0, 4).join(", ")},
                           ${PEER_KEYS.slice(4).join(", ")}
      --software           take a software adapter even where there is a GPU
      --json, --jsonl, --csv, --md, --svg [FILE]
                           write the results in this format, too; without FILE to stdout, instead of the table
  -h, --help               this text

The models, in the order in which they are measured:

  smollm2-135m-instruct  the embedded teacher
  smollm2-81m-student    the embedded student
${SYNTHETIC_SHAPES.map(({ name, like }) => `  ${name.padEnd(21)}  random weights in the shape of ${like.replace(/^between/, "something between")}`).join("\n")}

plot draws the files of several runs, of several machines say, into one picture.
docs/results/README.md says how to send the figures of your GPU.
`;
}
