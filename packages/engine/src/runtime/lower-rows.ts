// Operations that compute each row from the same row of what they read, in a dispatch of their own.
import { add, columns, embed, reshape, rmsNorm, scale, softcap } from "@alambic/kernels";
import type { Lower } from "./lowering.js";

export const lowerTokens: Lower<"tokens"> = (lowering, node) => ({
  reads: [],
  plan: () => lowering.place(node, reshape(lowering.context.ids, [lowering.rows])),
});

export const lowerEmbed: Lower<"embed"> = (lowering, node, { tokens, table, scale }) => ({
  reads: [tokens],
  plan() {
    const { step } = lowering;
    const matrix = lowering.matrix(table);
    lowering.push(...embed({ step, ids: lowering.see(tokens), matrix, y: lowering.take(node), scale }));
  },
});

export const lowerRmsNorm: Lower<"rmsNorm"> = (lowering, node, { x, weight, norm }) => ({
  reads: [x],
  plan() {
    const inputs = { step: lowering.step, x: lowering.see(x), weight: lowering.vector(weight), ...norm };
    lowering.push(rmsNorm({ ...inputs, y: lowering.take(node) }));
  },
});

export const lowerColumns: Lower<"columns"> = (lowering, node, { x, from }) => ({
  reads: [x],
  plan: () => lowering.push(columns({ step: lowering.step, x: lowering.see(x), from, y: lowering.take(node) })),
});

export const lowerSoftcap: Lower<"softcap"> = (lowering, node, { x, cap }) => ({
  reads: [x],
  plan: () => lowering.push(softcap({ step: lowering.step, x: lowering.see(x), cap, y: lowering.take(node) })),
});

export const lowerScale: Lower<"scale"> = (lowering, node, { x, factor }) => ({
  reads: [x],
  plan: () => lowering.push(scale({ step: lowering.step, x: lowering.see(x), factor, y: lowering.take(node) })),
});

export const lowerAdd: Lower<"add"> = (lowering, node, { a, b, scale }) => ({
  reads: [a, b],
  plan() {
    const inputs = { step: lowering.step, a: lowering.see(a), b: lowering.see(b), scale };
    lowering.push(add({ ...inputs, y: lowering.take(node) }));
  },
});
