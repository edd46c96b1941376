import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { largestDifference } from "../testing/expected.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { folder, withHeader } from "../testing/safetensors.js";
import { Model } from "./model.js";

/** What transformers and sentence-transformers give, in f32 on exactly the fixture's weights. */
interface ExpectedEmbeddings {
  readonly input_ids: number[];
  readonly last_hidden_state: number[][];
  readonly mean: number[];
  readonly texts: string[];
  readonly text_ids: number[][];
  readonly mean_normalized: number[][];
  readonly cls: number[][];
}

const FOLDER = fixture("sentence-bert");
const expected: ExpectedEmbeddings = JSON.parse(readFileSync(`${FOLDER}/expected.json`, "utf8"));
const { texts, text_ids } = expected;
const gpu = await testGpu();

/** The fixture in memory, some of its files replaced; `undefined` leaves one out. */
function changed(files: Readonly<Record<string, Uint8Array | object | undefined>>) {
  const own = ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json", "modules.json"];
  const contents: Record<string, Uint8Array | string> = {};
  for (const path of [...own, "1_Pooling/config.json"]) contents[path] = readFileSync(`${FOLDER}/${path}`);
  for (const [path, content] of Object.entries(files)) {
    delete contents[path];
    if (content) contents[path] = content instanceof Uint8Array ? content : JSON.stringify(content);
  }
  return folder(contents);
}

function expectVectors(actual: readonly Float32Array[], wanted: readonly (readonly number[])[]): void {
  expect(actual.length).toBe(wanted.length);
  for (const [i, vector] of actual.entries())
    expect(largestDifference(vector, wanted[i]!), texts[i]).toBeLessThan(1e-4);
}

describe("an encoder", async () => {
  const model = await Model.load(FOLDER, { gpu });
  afterAll(() => model.dispose());

  test("its last hidden state is that of transformers", async () => {
    const { ids, embeddings, lastHiddenState } = await model.embed([expected.input_ids], {
      hidden: true,
      normalize: false,
    });
    expect(ids).toEqual([expected.input_ids]);
    expectVectors(embeddings, [expected.mean]);
    for (const [t, row] of lastHiddenState![0]!.entries())
      expect(largestDifference(row, expected.last_hidden_state[t]!), `token ${t}`).toBeLessThan(1e-4);
  });

  test("its vectors are those of sentence-transformers, in one batch", async () => {
    const { ids, embeddings, lastHiddenState } = await model.embed(texts);
    expect(ids).toEqual(text_ids);
    expectVectors(embeddings, expected.mean_normalized);
    expect(lastHiddenState).toBeUndefined();
    expect(model.info.embedding).toEqual({ dimensions: 48, pooling: "mean", normalize: true, maxTokens: 40 });
  });

  test("pooling and norm can be chosen", async () => {
    const { embeddings } = await model.embed(texts, { pooling: "cls", normalize: false });
    expectVectors(embeddings, expected.cls);
  });

  test("texts of many batches do not meet", async () => {
    const many = Array.from({ length: 300 }, (_, i) => texts[i % texts.length]!);
    const { embeddings, lastHiddenState } = await model.embed(many, { hidden: true });
    const wanted = many.map((_, i) => expected.mean_normalized[i % texts.length]!);
    for (const [i, vector] of embeddings.entries()) expect(largestDifference(vector, wanted[i]!)).toBeLessThan(1e-4);
    expect(lastHiddenState!.map((rows) => rows.length)).toEqual(many.map((_, i) => text_ids[i % texts.length]!.length));
    expect((await model.embed([])).embeddings).toEqual([]);
  });

  test("calls at once do not disturb each other, and memory is given back", async () => {
    const before = gpu.buffers.bytes;
    const [first, second] = await Promise.all([
      model.embed(texts, { hidden: true }),
      model.embed(texts.toReversed(), { pooling: "cls", normalize: false }),
    ]);
    expectVectors(first.embeddings, expected.mean_normalized);
    expectVectors(second.embeddings.toReversed(), expected.cls);
    expect(gpu.buffers.bytes).toBe(before);
  });

  test("it continues no text, and says so", async () => {
    const says = /^not-a-decoder: sentence-bert is an encoder \(bert\).*Call embed\(\).*or load a decoder/;
    expect(await failure(() => model.session())).toMatch(says);
    expect(await failure(() => model.generate([5]).result())).toMatch(says);
    expect(await failure(() => model.chat([{ role: "user", content: "Hi" }]).text())).toMatch(says);
    expect(await failure(() => model.forward([5]))).toMatch(says);
    expect(await failure(() => model.planCosts({ prompt: 1, position: 1 }))).toMatch(says);
  });

  test("what cannot be embedded is named", async () => {
    await expect(model.embed([[5], []])).rejects.toThrow("The text is empty");
    await expect(model.embed([[5, 104]])).rejects.toThrow("Token id 104 is outside the vocabulary, 0 to 103.");
    await expect(model.embed([new Array(65).fill(5)])).rejects.toThrow("65 tokens long; this encoder reads 64");
    await expect(model.embed(texts, { pooling: "max" as "mean" })).rejects.toThrow('pooling is "max"; it must be');
    const reason = new Error("changed my mind");
    await expect(model.embed(texts, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});

test("everything an embedding needs is compiled while the weights load", async () => {
  const model = await Model.load(FOLDER, { gpu });
  const compiled = gpu.pipelines.count;
  await model.embed(texts);
  expect(gpu.pipelines.count).toBe(compiled);
  model.dispose();
});

test("the files of sentence-transformers 2 say the same", async () => {
  const types = ["Transformer", "Pooling"].map((name) => `sentence_transformers.models.${name}`);
  const source = changed({
    "modules.json": types.map((type, idx) => ({ idx, name: String(idx), path: idx === 0 ? "" : "1_Pooling", type })),
    "1_Pooling/config.json": {
      word_embedding_dimension: 48,
      pooling_mode_cls_token: true,
      pooling_mode_mean_tokens: false,
    },
    "sentence_bert_config.json": { max_seq_length: 25, do_lower_case: false },
  });
  const model = await Model.load(source, { gpu });
  const { ids, embeddings } = await model.embed(texts.slice(0, 4));
  expectVectors(embeddings, expected.cls.slice(0, 4));
  expect(ids).toEqual(text_ids.slice(0, 4));
  expect((await model.embed(texts)).ids[4]).toEqual([...text_ids[4]!.slice(0, 24), 3]); // 23 words between [CLS] and [SEP]
  model.dispose();
});

test("a default prompt stands before every text", async () => {
  const prompts = { prompts: { query: "happy " }, default_prompt_name: "query" };
  const model = await Model.load(changed({ "config_sentence_transformers.json": prompts }), { gpu });
  const [first, second] = (await model.embed(["person", text_ids[0]!])).ids;
  const happyPerson = text_ids[0]!.slice(-3); // of "... happy person" and [SEP]
  expect([first!.slice(-3), second]).toEqual([happyPerson, text_ids[0]]);
  expect(first).toHaveLength(4);
  model.dispose();
});

test("a plain BERT gives the mean of its tokens", async () => {
  const model = await Model.load(changed({ "modules.json": undefined }), { gpu });
  expect(model.info.embedding).toEqual({ dimensions: 48, pooling: "mean", normalize: false, maxTokens: 40 });
  expectVectors((await model.embed([expected.input_ids])).embeddings, [expected.mean]);
  model.dispose();
});

test("a checkpoint saved with a head, and with the old names of norms, is read under the base model's names", async () => {
  const file = readFileSync(`${FOLDER}/model.safetensors`);
  const headerBytes = Number(file.readBigUInt64LE());
  const header: object = JSON.parse(file.subarray(8, 8 + headerBytes).toString());
  const old = (name: string) =>
    name.replace(/LayerNorm.weight$/, "LayerNorm.gamma").replace(/LayerNorm.bias$/, "LayerNorm.beta");
  const renamed = Object.entries(header).map(([name, info]) => [
    name === "__metadata__" ? name : `bert.${old(name)}`,
    info,
  ]);
  const head = withHeader(JSON.stringify(Object.fromEntries(renamed)));
  const source = changed({ "model.safetensors": Buffer.concat([head, file.subarray(8 + headerBytes)]) });
  const model = await Model.load(source, { gpu });
  expectVectors((await model.embed(texts)).embeddings, expected.mean_normalized);
  model.dispose();
});

test("XLM-RoBERTa, whose positions begin behind the padding token's", async () => {
  const { input_ids, last_hidden_state, mean }: ExpectedEmbeddings = JSON.parse(
    readFileSync(`${fixture("xlm-roberta")}/expected.json`, "utf8"),
  );
  const model = await Model.load(fixture("xlm-roberta"), { gpu });
  const { embeddings, lastHiddenState } = await model.embed([input_ids.slice(0, 3), input_ids], { hidden: true });
  expectVectors(embeddings.slice(1), [mean]);
  for (const [t, row] of lastHiddenState![1]!.entries())
    expect(largestDifference(row, last_hidden_state[t]!), `token ${t}`).toBeLessThan(1e-4);
  await expect(model.embed([[...input_ids, 5]])).rejects.toThrow("33 tokens long; this encoder reads 32");
  model.dispose();
});

test.each([
  { why: "int8", quantize: "int8" as const, least: 0.9995 },
  { why: "int4", quantize: "int4" as const, least: 0.95 },
])("$why keeps the directions of the vectors", async ({ quantize, least }) => {
  const model = await Model.load(FOLDER, { gpu, quantize });
  const { embeddings } = await model.embed(texts);
  for (const [i, vector] of embeddings.entries()) {
    const cosine = vector.reduce((sum, value, d) => sum + value * expected.mean_normalized[i]![d]!, 0);
    expect(cosine, texts[i]).toBeGreaterThan(least);
  }
  model.dispose();
});

test.each([
  {
    why: "a module that is not known",
    files: { "modules.json": [{ idx: 0, path: "", type: "sentence_transformers.models.Dense" }] },
    says: 'config: modules.json asks for "sentence_transformers.models.Dense"; this version runs Transformer, Pooling, Normalize.',
  },
  {
    why: "another pooling",
    files: { "1_Pooling/config.json": { pooling_mode_max_tokens: true } },
    says: 'config: 1_Pooling/config.json asks for the pooling ["max"]; this version knows mean and cls.',
  },
  {
    why: "a prompt that is not pooled",
    files: {
      "1_Pooling/config.json": { pooling_mode: "mean", include_prompt: false },
      "config_sentence_transformers.json": { prompts: { query: "query: " }, default_prompt_name: "query" },
    },
    says: 'config: 1_Pooling/config.json leaves the prompt "query: " out of the pooling (include_prompt)',
  },
  {
    why: "two poolings side by side",
    files: { "1_Pooling/config.json": { pooling_mode: ["cls", "mean"] } },
    says: 'config: 1_Pooling/config.json asks for the pooling ["cls","mean"]',
  },
])("$why is refused by name", async ({ files, says }) => {
  expect(await failure(() => Model.load(changed(files), { gpu }))).toContain(says);
});

test("a decoder has no embedding, and says what has", async () => {
  const model = await Model.load(fixture("llama-tied"), { gpu });
  expect(await failure(() => model.embed([[5]]))).toMatch(
    /^not-an-encoder: llama-tied is a decoder \(llama\).*all-MiniLM/,
  );
  model.dispose();
});
