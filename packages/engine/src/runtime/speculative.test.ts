import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openEngine } from "../api/engine.js";
import { Model } from "../api/model.js";
import type { Chunk, DraftedToken, GenerateOptions } from "../api/types.js";
import { certain, expectedModel, expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";

const gpu = await testGpu();
const { input_ids: prompt } = expectedOf("llama-tied");
const ALONE = 4;

async function read(model: Model, ids: readonly number[], options: GenerateOptions): Promise<Chunk[]> {
  const chunks: Chunk[] = [];
  for await (const chunk of model.generate(ids, options)) if (chunk.ids.length > 0) chunks.push(chunk);
  return chunks;
}

const idsOf = (chunks: readonly Chunk[]) => chunks.flatMap(({ ids }) => ids);
const originsOf = (chunks: readonly Chunk[]) => chunks.map(({ draft }) => draft!.origin);

describe("two small models of one vocabulary", async () => {
  const model = await Model.load(fixture("llama-tied"), { gpu });
  const stranger = await Model.load(fixture("llama3-rope"), { gpu });
  // The model itself at 4 bits: it is often right, and not always.
  const draft = await Model.load(fixture("llama-tied"), { gpu, quantize: "int4" });
  afterAll(() => {
    for (const each of [model, stranger, draft]) each.dispose();
  });

  test.each([
    { why: "greedy", options: {} },
    { why: "sampled", options: { temperature: 1, seed: 5 } },
    { why: "sampled among few", options: { temperature: 0.8, topK: 4, topP: 0.9, minP: 0.02, seed: 6 } },
  ])("the text is the model's own, $why, whatever the draft", async ({ options }) => {
    const settings = { ...options, maxTokens: 30 };
    const alone = idsOf(await read(model, prompt, settings));
    for (const proposer of [stranger, draft, model]) {
      const chunks = await read(model, prompt, { ...settings, draft: proposer });
      expect(idsOf(chunks)).toEqual(alone);
      const origins = originsOf(chunks);
      expect(origins.slice(0, ALONE)).toEqual(Array(ALONE).fill("alone"));
      expect(origins.slice(ALONE)).not.toContain("alone");
      if (proposer === model) expect(origins).not.toContain("corrected");
      else expect(origins).toContain("corrected");
    }
  });

  test("the account is that of the tokens themselves", async () => {
    const chunks = await read(model, prompt, { maxTokens: 40, temperature: 0.7, topK: 3, seed: 1, draft });
    const last = chunks.at(-1)!.draft!;
    // The answer may end within the last round, whose later tokens are counted but not given.
    const accepted = originsOf(chunks).filter((origin) => origin === "accepted").length;
    expect(last.accepted).toBe(accepted);
    expect(last.proposed).toBeGreaterThan(last.accepted);
    expect(last.accepted).toBeGreaterThan(0);
    expect(last.speedUp).toBeGreaterThan(0);
    for (const { ids, draft: told } of chunks) {
      if (told!.origin === "corrected") expect(told!.proposal).not.toBe(ids[0]);
      else expect(told!.proposal).toBeUndefined();
    }
  });

  test("sampled tokens follow the model's own distribution", async () => {
    // Over many seeds, an event of probability p at each step happens as often as its p's add up to: with the p's from
    // the model's logits in f64, whatever noise and coupling the engine uses.
    const events = { likeliest: new Tally(), even: new Tally(), "second or third": new Tally() };
    const session = model.session();
    for (let seed = 0; seed < 10; seed++) {
      const { ids } = await session.generate(prompt, { maxTokens: 30, temperature: 1.3, seed, draft }).result();
      const { logits } = await model.forward([...prompt, ...ids]);
      for (let index = ALONE; index < ids.length; index++) {
        const p = softmax(logits[prompt.length + index - 1]!, 1.3);
        const ranked = [...p.keys()].sort((a, b) => p[b]! - p[a]!);
        const among = (tokens: readonly number[]) => tokens.reduce((sum, token) => sum + p[token]!, 0);
        const id = ids[index]!;
        events.likeliest.add(p[ranked[0]!]!, id === ranked[0]);
        events["second or third"].add(among(ranked.slice(1, 3)), ranked.indexOf(id) === 1 || ranked.indexOf(id) === 2);
        events.even.add(among(ranked.filter((token) => token % 2 === 0)), id % 2 === 0);
      }
    }
    session.dispose();
    // Standard deviations: exceeded by chance once in 15,000. The seeds are fixed, so it holds or it does not.
    for (const [name, tally] of Object.entries(events)) expect(Math.abs(tally.score), name).toBeLessThan(4);
  });

  test("a session goes on from what both models have read, and rolls back to a common beginning", async () => {
    const session = model.session();
    const first = await session.generate(prompt, { maxTokens: 30, draft }).result();
    const again = [...prompt, ...first.ids.slice(0, 17), 3, 4];
    const second = await session.generate(again, { maxTokens: 20, draft }).result();
    expect(second.usage.cachedTokens).toBe(prompt.length + 17);
    expect(second.ids).toEqual(idsOf(await read(model, again, { maxTokens: 20 })));
    const without = await session.generate(again, { maxTokens: 20 }).result();
    expect(without.ids).toEqual(second.ids);
    session.dispose();
  });

  test("it may be stopped at any chunk, and the next answer is right", async () => {
    const session = model.session();
    for (const stopAt of [1, 9, 12]) {
      let count = 0;
      for await (const _ of session.generate(prompt, { draft, maxTokens: 40 })) if (++count === stopAt) break;
    }
    const { ids } = await session.generate(prompt, { draft, maxTokens: 25 }).result();
    expect(ids).toEqual(idsOf(await read(model, prompt, { maxTokens: 25 })));
    session.dispose();
  });

  test("the context is filled to its end, and a draft with a shorter one helps as far as its own", async () => {
    const [long, short] = await Promise.all([
      Model.load(fixture("llama-tied"), { gpu, contextLength: 96 }),
      Model.load(fixture("llama3-rope"), { gpu, contextLength: 64 }),
    ]);
    const alone = await long.generate(prompt).result();
    const chunks = await read(long, prompt, { draft: short });
    expect(idsOf(chunks)).toEqual(alone.ids);
    expect(prompt.length + alone.ids.length).toBe(96);
    const proposed = chunks.map(({ draft: told }) => told!.proposed);
    expect(proposed[63 - prompt.length]).toBe(proposed.at(-1));
    long.dispose();
    short.dispose();
  });

  test("it leaves nothing on the GPU", async () => {
    const before = gpu.buffers.bytes;
    await read(model, prompt, { maxTokens: 12, draft });
    expect(gpu.buffers.bytes).toBe(before);
  });

  test("what cannot be a draft is refused, with what to do", async () => {
    const [odd, engine] = await Promise.all([Model.load(fixture("llama-odd"), { gpu }), openEngine({ gpu } as object)]);
    await expect(read(model, prompt, { draft: odd })).rejects.toThrow(
      "The model's vocabulary has 512 tokens and its draft's 523. A draft must share the model's tokenizer",
    );
    await expect(read(model, prompt, { draft: { info: odd.info } as never })).rejects.toThrow(
      "A draft must be a model that was loaded here",
    );
    const { ids } = await model.generate(prompt, { maxTokens: 3 }).result();
    expect(ids).toHaveLength(3);
    odd.dispose();
    engine.dispose();
  });
});

describe("the embedded pair", async () => {
  const [teacher, student] = await Promise.all(
    ["smollm2-135m-instruct", "smollm2-81m-student"].map((name) =>
      Model.load(new URL(`../../../../models/${name}`, import.meta.url), { gpu }),
    ),
  );
  afterAll(() => {
    teacher!.dispose();
    student!.dispose();
  });
  const { cases } = expectedModel("smollm2-135m-instruct");
  const { messages, greedy, margin } = cases[4]!;
  let chunks: (Chunk & { readonly draft: DraftedToken })[];
  beforeAll(async () => {
    chunks = [];
    for await (const chunk of teacher!.chat(messages, { maxTokens: 14, draft: student! })) {
      if (chunk.draft) chunks.push({ ...chunk, draft: chunk.draft });
    }
  }, 200_000);

  test("greedy, it writes what transformers says that the teacher writes", () => {
    const known = certain(greedy, margin, 1e-3).slice(0, chunks.length);
    expect(idsOf(chunks).slice(0, known.length)).toEqual(known);
  });

  test("some of the student's proposals stand, and the gain is told", () => {
    const { proposed, accepted, speedUp } = chunks.at(-1)!.draft;
    console.info(`accepted ${accepted} of ${proposed}, ${speedUp!.toFixed(2)} times the teacher's own speed`);
    expect(accepted / proposed).toBeGreaterThan(0.15);
    expect(accepted).toBeLessThan(proposed);
  });
});

/** How often an event happened, against the sum of its probabilities. */
class Tally {
  #difference = 0;
  #variance = 0;

  add(probability: number, happened: boolean): void {
    this.#difference += Number(happened) - probability;
    this.#variance += probability * (1 - probability);
  }

  /** In standard deviations of the sum. */
  get score(): number {
    return this.#difference / Math.sqrt(this.#variance);
  }
}

function softmax(logits: Float32Array, temperature: number): number[] {
  const greatest = logits.reduce((a, b) => Math.max(a, b));
  const weights = Array.from(logits, (logit) => Math.exp((logit - greatest) / temperature));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
