import type { Paint } from "./paint.js";
import { shortCount } from "./scales.js";
import { element, textElement } from "./svg.js";

export const WIDTH = 960;
export const MARGIN = { left: 76, right: 24, top: 56 };

type Scale = (value: number) => number;

/** Where something is drawn, with its scales. */
export interface Panel {
  readonly x: Scale;
  readonly y: Scale;
  readonly top: number;
  readonly bottom: number;
  readonly paint: Paint;
}

export interface Axes {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly xLabel: string;
  readonly yLabel: string;
}

/** Frame, grid, numbers and names of a panel. */
export function axes({ x, y, top, bottom, paint }: Panel, { xs, ys, xLabel, yLabel }: Axes): string[] {
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
  const grid = { stroke: paint.grid };
  const labelled = xs.filter((tick) => [1, 2, 5].includes(Number(tick.toExponential()[0])));
  const soft = { fill: paint.soft };
  return [
    ...ys.flatMap((tick) => [
      element("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), ...grid }),
      textElement("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end", ...soft }, numberText(tick)),
    ]),
    ...labelled.flatMap((tick) => [
      element("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, ...grid }),
      textElement("text", { x: x(tick), y: bottom + 18, "text-anchor": "middle", ...soft }, shortCount(tick)),
    ]),
    element("rect", {
      x: left,
      y: top,
      width: right - left,
      height: bottom - top,
      fill: "none",
      stroke: paint.frame,
    }),
    textElement("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle" }, xLabel),
    textElement(
      "text",
      { transform: `translate(20 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" },
      yLabel,
    ),
  ];
}

/** Thousands set apart by a narrow space, as every language reads them. */
function numberText(value: number): string {
  return String(Number(value.toPrecision(3))).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}
