import { type ScaleLogarithmic, scaleLinear } from "d3-scale";
import type { QualityRow } from "../report.js";
import { placeLabels } from "./labels.js";
import { shapeAt } from "./marks.js";
import { axes, type Panel } from "./panel.js";
import type { PlotTexts } from "./texts.js";

/** Bits per byte of real checkpoints, over the same parameters; lower is better. */
export function qualityPanel(
  rows: readonly QualityRow[],
  x: ScaleLogarithmic<number, number>,
  place: Omit<Panel, "x" | "y">,
  texts: PlotTexts,
): string[] {
  const { top, bottom, paint } = place;
  const values = rows.map(({ bitsPerByte }) => bitsPerByte);
  const scale = scaleLinear([Math.min(...values) * 0.9, Math.max(...values) * 1.1], [bottom, top]).nice(4);
  const panel: Panel = { ...place, x, y: scale };
  const places = rows.map(({ parameters, bitsPerByte }) => [x(parameters), scale(bitsPerByte)] as const);
  const labels = rows.map(({ model, bitsPerByte, klToTeacher }, index) => {
    const kl = klToTeacher === undefined ? "" : `, KL ${klToTeacher.toFixed(2)}`;
    const [cx, cy] = places[index]!;
    return { x: cx, y: cy, text: `${model}: ${bitsPerByte.toFixed(2)}${kl}`, colour: paint.ink };
  });
  return [
    ...axes(panel, { xs: x.ticks(), ys: scale.ticks(4), xLabel: texts.parameters, yLabel: texts.bitsPerByte }),
    ...places.map(([cx, cy]) => shapeAt("circle", cx, cy, { colour: paint.soft, paper: paint.paper })),
    ...placeLabels(labels, places, panel),
  ];
}

/** Quality is the model's, not the adapter's: the first run that has it speaks for all. */
export function onceEach(rows: readonly QualityRow[]): QualityRow[] {
  return [...new Map(rows.toReversed().map((row) => [row.model, row])).values()];
}
