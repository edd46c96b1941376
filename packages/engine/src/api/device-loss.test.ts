import { type Gpu, openGpu } from "@alambic/kernels";
import { describe, expect, onTestFinished, test } from "vitest";
import { expectedOf } from "../testing/expected.js";
import { fixture } from "../testing/fixtures.js";
import { compareModels } from "./engine.js";
import { Model } from "./model.js";
import type { Answer, Chunk } from "./types.js";

const TIED = fixture("llama-tied");
const { input_ids: ids, greedy } = expectedOf("llama-tied");

/** A device of the test's own, since it will be lost. */
async function ownGpu(): Promise<Gpu> {
  const gpu = await openGpu({ defaultLimits: true });
  onTestFinished(() => gpu.dispose());
  return gpu;
}

/** Reads an answer and takes the device away from it once it has given `after` tokens. */
async function readThroughLoss(
  answer: Answer,
  after: number,
  model: Model,
): Promise<{ ids: number[]; chunks: Chunk[] }> {
  const chunks: Chunk[] = [];
  let seen = 0;
  for await (const chunk of answer) {
    chunks.push(chunk);
    seen += chunk.ids.length;
    if (seen === after && chunk.ids.length > 0) model.loaded.gpu.device.destroy();
  }
  return { ids: chunks.flatMap((chunk) => [...chunk.ids]), chunks };
}

describe("a device that is lost", () => {
  test("while a model answers: the answer goes on and is the same", async () => {
    const gpu = await ownGpu();
    const phases: string[] = [];
    const model = await Model.load(TIED, { gpu, onProgress: ({ phase }) => phases.push(phase) });
    const session = model.session();
    const bystander = model.session();
    await bystander.generate(ids, { maxTokens: 3 }).result();
    const loaded = phases.length;

    const { ids: answer, chunks } = await readThroughLoss(session.generate(ids, { maxTokens: 20 }), 6, model);
    expect(answer).toEqual(greedy.slice(0, 20));
    expect(chunks.filter(({ recovering }) => recovering)).toEqual([{ text: "", ids: [], recovering: true }]);
    expect(chunks.at(-1)).toMatchObject({
      finishReason: "length",
      usage: { promptTokens: ids.length, completionTokens: 20 },
    });
    expect([phases[loaded], phases.at(-1)]).toEqual(["recover", "ready"]);

    // What was not answering follows when it is asked; nothing of its cache is there any more.
    const next = await bystander.generate(ids, { maxTokens: 10 }).result();
    expect(next.ids).toEqual(greedy.slice(0, 10));
    expect(next.usage.cachedTokens).toBe(0);
    expect(phases.filter((phase) => phase === "recover")).toHaveLength(1);
    model.dispose();
    expect((await gpu.live()).buffers.bytes).toBe(0);
  });

  test("twice, with tokens between: both times it goes on, with the same noise", async () => {
    const model = await Model.load(TIED, { gpu: await ownGpu(), kv: "f16" });
    const settings = { maxTokens: 16, temperature: 1.2, seed: 7 };
    const undisturbed = await model.generate(ids, settings).result();
    let seen = 0;
    const answer: number[] = [];
    for await (const chunk of model.generate(ids, settings)) {
      answer.push(...chunk.ids);
      seen += chunk.ids.length;
      if (chunk.ids.length > 0 && (seen === 4 || seen === 9)) model.loaded.gpu.device.destroy();
    }
    expect(answer).toEqual(undisturbed.ids);
    model.dispose();
  });

  test("with two models on it: draft, logits, comparisons and adapters are on the next one", async () => {
    const gpu = await ownGpu();
    const [model, draft] = [await Model.load(TIED, { gpu }), await Model.load(TIED, { gpu })];
    const before = await model.forward(ids);
    const { ids: answer } = await readThroughLoss(model.generate(ids, { maxTokens: 12, draft }), 8, model);
    expect(answer).toEqual(greedy.slice(0, 12));
    expect(draft.loaded.gpu).toBe(model.loaded.gpu);
    const { name } = await model.loadAdapter(fixture("llama-tied-lora"));
    await model.setAdapters([{ name }]);
    const adapted = await model.forward(ids);

    const { gpu: second } = model.loaded;
    second.device.destroy();
    await second.lost;
    expect((await model.forward(ids)).logits).toEqual(adapted.logits);
    await model.setAdapters([]);
    expect((await model.forward(ids)).logits).toEqual(before.logits);
    expect(Math.abs((await compareModels(model, draft, ids)).mean_kl)).toBeLessThan(1e-6);
  });

  test("again before a token came: says so, and does not try for ever", async () => {
    const gpu = await ownGpu();
    const model = await Model.load(TIED, {
      gpu,
      onProgress: ({ phase }) => {
        if (phase === "compile" && gpu.isLost) void gpu.live().then(({ device }) => device.destroy());
      },
    });
    await expect(readThroughLoss(model.generate(ids, { maxTokens: 20 }), 5, model)).rejects.toMatchObject({
      code: "device-lost",
      message: expect.stringContaining("the one that took its place was lost too"),
    });
  });

  test("and was the app's own: the answer ends with the loss", async () => {
    const { device } = await ownGpu();
    const model = await Model.load(TIED, { gpu: await openGpu({ device }) });
    await expect(readThroughLoss(model.generate(ids, { maxTokens: 20 }), 5, model)).rejects.toMatchObject({
      code: "device-lost",
      message: expect.stringContaining("Bring another with openGpu({ device })"),
    });
  });

  test("and was disposed of: nothing is opened in its place", async () => {
    const gpu = await ownGpu();
    const model = await Model.load(TIED, { gpu });
    gpu.dispose();
    await gpu.lost;
    await expect(model.generate(ids, { maxTokens: 2 }).result()).rejects.toThrow("The GPU device was disposed of.");
    await expect(Model.load(TIED, { gpu })).rejects.toThrow("The GPU device was disposed of.");
  });

  test("an answer stopped while the model comes back ends at once, and the next one is whole", async () => {
    const model = await Model.load(TIED, { gpu: await ownGpu() });
    const session = model.session();
    const stop = new AbortController();
    let last: Chunk | undefined;
    for await (const chunk of session.generate(ids, { maxTokens: 20, signal: stop.signal })) {
      if (chunk.ids.length > 0 && !model.loaded.gpu.isLost) model.loaded.gpu.device.destroy();
      if (chunk.recovering) stop.abort();
      last = chunk;
    }
    expect(last?.finishReason).toBe("abort");
    expect((await session.generate(ids, { maxTokens: 10 }).result()).ids).toEqual(greedy.slice(0, 10));
  });
});
