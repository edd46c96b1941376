import type { Anatomy, ModelTensor } from "@alambic/engine";
import { sumOf } from "./map.js";

/** Parameters of LoRA adapters of a rank on the queries and values of every layer: two matrices, `[rank, in]` and `[out, rank]`. */
export function loraParameters({ tensors }: Pick<Anatomy, "tensors">, rank: number): number {
  return tensors
    .filter(({ name }) => /\b(q_proj|v_proj|query|value|qkv_proj)\.weight$/.test(name))
    .reduce((sum, { shape: [n = 0, k = 0] }) => sum + rank * (n + k), 0);
}

/** Parameters of a model if each of its MLPs were several, of which a router picks some for a token. */
export function asMixture(
  { tensors }: Pick<Anatomy, "tensors">,
  experts: number,
  used: number,
): { readonly total: number; readonly active: number } {
  const mlps = tensors.filter(({ section }) => section === "mlp");
  const rest = sumOf(tensors) - sumOf(mlps);
  const routers = layersWithMlp(mlps).reduce((sum, width) => sum + experts * width, 0);
  return { total: rest + routers + experts * sumOf(mlps), active: rest + routers + used * sumOf(mlps) };
}

/** The width that each layer's router would read: the shorter side of the layer's first matrix. */
function layersWithMlp(mlps: readonly ModelTensor[]): number[] {
  const widths = new Map<number, number>();
  for (const { layer, shape } of mlps) {
    if (layer !== undefined && shape.length === 2 && !widths.has(layer)) widths.set(layer, Math.min(...shape));
  }
  return [...widths.values()];
}
