import { MARGIN, type Panel, WIDTH } from "./panel.js";
import { element, textElement } from "./svg.js";

/** Words that belong to a mark. */
export interface Label {
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly colour: string;
  readonly bold?: boolean;
  /** The side to try first. Default: towards the middle of the picture. */
  readonly prefer?: "left" | "right";
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

const SIZE = 11;
const LINE = 14;
/** Of system-ui at that size, on the wide side. */
const LETTER = 6.2;
/** Between a mark's middle and its label; and where a line leads from one to the other. */
const AWAY = 10;
const FAR_AWAY = 26;
/** Half the width of a mark. */
const MARK = 6;
const MOST_STEPS = 14;

/**
 * Puts each label beside its mark where nothing else is: to the right or the left, else ever further above or below, with a
 * line that leads back to the mark.
 *
 * @param marks - Middles of all marks of the panel, which labels keep clear of.
 */
export function placeLabels(
  labels: readonly Label[],
  marks: readonly (readonly [x: number, y: number])[],
  { top, bottom, paint }: Panel,
): string[] {
  const taken: Box[] = marks.map(([x, y]) => ({ left: x - MARK, right: x + MARK, top: y - MARK, bottom: y + MARK }));
  const frame: Box = { left: MARGIN.left, right: WIDTH - MARGIN.right, top, bottom };
  return labels
    .toSorted((a, b) => a.y - b.y)
    .map((label) => {
      const { place, side } = freePlace(label, taken, frame);
      taken.push(place);
      const { x, y, text, colour, bold } = label;
      const middle = (place.top + place.bottom) / 2;
      const attributes = {
        x: side === "right" ? place.left : place.right,
        y: middle + 4,
        "font-size": SIZE,
        "text-anchor": side === "right" ? "start" : "end",
        fill: colour,
        // So that lines and the grid do not run through the letters.
        stroke: paint.paper,
        "stroke-width": 3,
        "paint-order": "stroke",
        ...(bold && { "font-weight": 600 }),
      };
      const lead = { x1: x, y1: y, x2: attributes.x, y2: middle, stroke: colour, "stroke-opacity": 0.5 };
      return (isFar(middle - y) ? element("line", lead) : "") + textElement("text", attributes, text);
    });
}

function freePlace(label: Label, taken: readonly Box[], frame: Box): { place: Box; side: "left" | "right" } {
  const first = label.prefer ?? (label.x > WIDTH / 2 ? "left" : "right");
  const sides = [first, first === "left" ? "right" : "left"] as const;
  for (let step = 0; step <= MOST_STEPS; step++) {
    for (const down of step === 0 ? [0] : [step, -step]) {
      for (const side of sides) {
        const place = boxOf(label, side, (down * LINE) / 2);
        if (within(place, frame) && !taken.some((other) => overlap(place, other))) return { place, side };
      }
    }
  }
  const [side] = sides; // more labels than room: better on top of each other than missing
  return { place: boxOf(label, side, 0), side };
}

function boxOf({ x, y, text }: Label, side: "left" | "right", down: number): Box {
  const width = LETTER * text.length;
  const away = isFar(down) ? FAR_AWAY : AWAY;
  const left = side === "right" ? x + away : x - away - width;
  return { left, right: left + width, top: y + down - LINE / 2, bottom: y + down + LINE / 2 };
}

function isFar(down: number): boolean {
  return Math.abs(down) > LINE / 2;
}

function within(box: Box, frame: Box): boolean {
  return box.left >= frame.left && box.right <= frame.right && box.top >= frame.top && box.bottom <= frame.bottom;
}

function overlap(one: Box, other: Box): boolean {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
