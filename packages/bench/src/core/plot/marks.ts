import { element } from "./svg.js";

export type Shape = "circle" | "square" | "up" | "down";

export interface MarkStyle {
  readonly colour: string;
  /** Fills a hollow mark. */
  readonly paper: string;
  readonly hollow?: boolean;
}

/** A mark with its middle at `cx`, `cy`. */
export function shapeAt(shape: Shape, cx: number, cy: number, { colour, paper, hollow = false }: MarkStyle): string {
  // Full marks have an edge of paper and are a little smaller than hollow ones, so that those that overlap are told apart.
  const style = { fill: hollow ? paper : colour, stroke: hollow ? colour : paper, "stroke-width": hollow ? 2 : 1 };
  switch (shape) {
    case "circle":
      return element("circle", { cx, cy, r: hollow ? 5.5 : 5, ...style });
    case "square":
      return squareAt(cx, cy, hollow ? 10 : 9.5, style);
    case "up":
    case "down": {
      const tip = shape === "up" ? -1 : 1;
      const points = [
        [cx, cy + 6.5 * tip],
        [cx - 6.5, cy - 5 * tip],
        [cx + 6.5, cy - 5 * tip],
      ];
      const path = points.map((point) => point.map((value) => value.toFixed(1)).join(",")).join(" ");
      return element("polygon", { points: path, ...style, "stroke-linejoin": "round" });
    }
  }
}

function squareAt(cx: number, cy: number, side: number, style: Readonly<Record<string, string | number>>): string {
  return element("rect", { x: cx - side / 2, y: cy - side / 2, width: side, height: side, ...style });
}
