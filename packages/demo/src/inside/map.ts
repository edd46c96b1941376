import type { ModelTensor, Section } from "@alambic/engine";
import { hierarchy, treemap, treemapSquarify } from "d3-hierarchy";

export const SECTIONS: readonly Section[] = ["embedding", "attention", "mlp", "experts", "norm"];

/** A rectangle whose area is a number of parameters; lengths in the units of the whole picture. */
export interface Cell {
  readonly key: string;
  readonly section: Section;
  /** The layer a cell of the whole model stands for, or the tensor a cell of a layer is. */
  readonly layer?: number;
  readonly tensor?: ModelTensor;
  readonly parameters: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What is inside a layer, in proportion; not to be chosen one by one. */
  readonly inner: readonly Cell[];
}

interface Branch {
  readonly key: string;
  readonly section: Section;
  readonly layer?: number;
  readonly tensor?: ModelTensor;
  readonly parameters: number;
  readonly children?: readonly Branch[];
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The whole model: a cell a layer, with its sections inside, and one for each tensor outside the layers. */
export function mapOfModel(tensors: readonly ModelTensor[], size: Size): Cell[] {
  const outside = tensors.filter(({ layer }) => layer === undefined).map(leafOf);
  const layers = layersOf(tensors).map((layer) => branchOf(layer, tensors));
  return layOut([...outside, ...layers], size);
}

/** One layer: a cell a tensor. */
export function mapOfLayer(tensors: readonly ModelTensor[], layer: number, size: Size): Cell[] {
  return layOut(tensors.filter((tensor) => tensor.layer === layer).map(leafOf), size);
}

export function parametersBySection(tensors: readonly ModelTensor[]): ReadonlyMap<Section, number> {
  const sums = SECTIONS.map(
    (section) => [section, sumOf(tensors.filter((tensor) => tensor.section === section))] as const,
  );
  return new Map(sums.filter(([, parameters]) => parameters > 0));
}

export function sumOf(tensors: readonly { readonly parameters: number }[]): number {
  return tensors.reduce((sum, { parameters }) => sum + parameters, 0);
}

/** The layers' numbers, in order. */
export function layersOf(tensors: readonly ModelTensor[]): number[] {
  return [...new Set(tensors.flatMap(({ layer }) => layer ?? []))].sort((a, b) => a - b);
}

function leafOf(tensor: ModelTensor): Branch {
  const { name, section, parameters } = tensor;
  return { key: name, section, parameters, tensor };
}

function branchOf(layer: number, tensors: readonly ModelTensor[]): Branch {
  const own = tensors.filter((tensor) => tensor.layer === layer);
  const children = [...parametersBySection(own)].map(([section, parameters]) => ({
    key: `${layer}.${section}`,
    section,
    parameters,
  }));
  return { key: `layer ${layer}`, section: "mlp", layer, parameters: sumOf(own), children };
}

function layOut(children: readonly Branch[], { width, height }: Size): Cell[] {
  const root = hierarchy<Branch>({ key: "", section: "mlp", parameters: 0, children }, (branch) => branch.children)
    // A parent's own value is that of its children.
    .sum((branch) => (branch.children ? 0 : branch.parameters))
    // By size, but layers in their order.
    .sort((a, b) => (a.data.layer ?? -1) - (b.data.layer ?? -1) || (b.value ?? 0) - (a.value ?? 0));
  const placed = treemap<Branch>()
    .tile(treemapSquarify)
    .size([width, height])
    .paddingInner(({ depth }) => (depth === 0 ? width / 400 : 0))(root);
  type Placed = NonNullable<typeof placed.children>[number];
  const cellOf = ({ data, x0, y0, x1, y1, children: inner, parent }: Placed): Cell => {
    // What lies inside a layer is placed within it.
    const [left, top] = parent === placed || !parent ? [0, 0] : [parent.x0, parent.y0];
    const { key, section, layer, tensor, parameters } = data;
    // The gaps push cells that are narrower than they are past the edge.
    const [x, y] = [Math.max(0, x0 - left), Math.max(0, y0 - top)];
    return {
      ...{ key, section, parameters, x, y, width: x1 - left - x, height: y1 - top - y },
      ...(layer !== undefined && { layer }),
      ...(tensor && { tensor }),
      inner: inner?.map(cellOf) ?? [],
    };
  };
  return placed.children?.map(cellOf) ?? [];
}
