import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { largestDifference } from "../../testing/expected.js";
import { fixture } from "../../testing/fixtures.js";
import { connectEngine } from "./connect.js";
import { serveEngine } from "./serve.js";

test("an encoder behind a port gives the same vectors and the same errors", async () => {
  const { port1, port2 } = new MessageChannel();
  serveEngine(port2);
  const engine = await connectEngine(port1);
  const encoder = await engine.load(fixture("sentence-bert"));
  const { texts, mean_normalized } = JSON.parse(readFileSync(`${fixture("sentence-bert")}/expected.json`, "utf8"));
  const { embeddings, lastHiddenState } = await encoder.embed(texts, { hidden: true });
  for (const [i, vector] of embeddings.entries())
    expect(largestDifference(vector, mean_normalized[i]), texts[i]).toBeLessThan(1e-4);
  expect(lastHiddenState).toHaveLength(texts.length);
  await expect(encoder.forward([5])).rejects.toMatchObject({ name: "EngineError", code: "not-a-decoder" });
  const reason = new Error("changed my mind");
  await expect(encoder.embed(texts, { signal: AbortSignal.abort(reason) })).rejects.toThrow();
  encoder.dispose();
  engine.dispose();
  port1.close();
  port2.close();
});
