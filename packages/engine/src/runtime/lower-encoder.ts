import { activate, attentionTexts, layerNorm } from "@alambic/kernels";
import type { Lower, LoweringContext, TextTensors } from "./lowering.js";

const lowerPositions: Lower<"positions"> = (lowering, node) => ({
  reads: [],
  plan: () => lowering.place(node, textsOf(lowering.context).positions),
});

const lowerTypes: Lower<"types"> = (lowering, node) => ({
  reads: [],
  plan: () => lowering.place(node, textsOf(lowering.context).types),
});

const lowerLayerNorm: Lower<"layerNorm"> = (lowering, node, { x, weight, bias, eps }) => ({
  reads: [x],
  plan() {
    const parameters = { weight: lowering.vector(weight), bias: lowering.vector(bias), eps };
    lowering.push(layerNorm({ step: lowering.step, x: lowering.see(x), ...parameters, y: lowering.take(node) }));
  },
});

const lowerBidirectional: Lower<"bidirectional"> = (lowering, node, { q, k, v }) => ({
  reads: [q, k, v],
  plan() {
    const { step, context } = lowering;
    const scale = 1 / Math.sqrt(node.features[1]!);
    const inputs = { step, q: lowering.see(q), keys: lowering.see(k), values: lowering.see(v), scale };
    const texts = textsOf(context).bounds;
    lowering.push(attentionTexts({ ...inputs, texts, y: lowering.take(node), adapter: context.adapter }));
  },
});

const lowerActivate: Lower<"activate"> = (lowering, node, { x, activation }) => ({
  reads: [x],
  plan: () => lowering.push(activate({ step: lowering.step, x: lowering.see(x), y: lowering.take(node), activation })),
});

/** What only encoders compute. */
export const ENCODER = {
  positions: lowerPositions,
  types: lowerTypes,
  layerNorm: lowerLayerNorm,
  bidirectional: lowerBidirectional,
  activate: lowerActivate,
};

function textsOf({ texts }: LoweringContext): TextTensors {
  if (!texts) throw new Error("this graph is an encoder's, and the plan a decoder's");
  return texts;
}
