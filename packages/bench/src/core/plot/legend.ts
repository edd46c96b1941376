import type { BenchReport } from "../report.js";
import { shapeAt } from "./marks.js";
import { colourOf, type Paint } from "./paint.js";
import { MARGIN, WIDTH } from "./panel.js";
import { element, textElement } from "./svg.js";
import type { PlotTexts } from "./texts.js";

const LINE = 22;
const SIZE = 12;
/** Of system-ui at that size, on the wide side. */
const LETTER = 6.6;
const GAP = 22;

interface Entry {
  readonly width: number;
  readonly draw: (x: number, y: number) => string;
}

/** One line a run with its adapter, and below what the marks mean: only those that there are. */
export function legend(
  reports: readonly BenchReport[],
  top: number,
  paint: Paint,
  texts: PlotTexts,
): { readonly parts: readonly string[]; readonly bottom: number } {
  const runs = reports.map((report, index) => {
    const y = top + LINE * index;
    const swatch = { x: MARGIN.left, y: y - 10, width: 14, height: 10, rx: 2, fill: colourOf(index, paint) };
    return element("rect", swatch) + textElement("text", { x: MARGIN.left + 24, y }, titleOf(report, texts));
  });
  const parts = [...runs];
  let [x, y] = [MARGIN.left, top + LINE * runs.length];
  for (const entry of keys(reports, paint, texts)) {
    if (x > MARGIN.left && x + entry.width > WIDTH - MARGIN.right) [x, y] = [MARGIN.left, y + LINE];
    parts.push(entry.draw(x, y));
    x += entry.width + GAP;
  }
  return { parts, bottom: y };
}

function titleOf({ adapter, runtime, date }: BenchReport, { software }: PlotTexts): string {
  const kind = adapter.kind === "software" ? ` (${software})` : "";
  return `${adapter.name}${kind}, ${runtime}, ${date.slice(0, 10)}`;
}

function keys(reports: readonly BenchReport[], paint: Paint, { legend: texts }: PlotTexts): Entry[] {
  const rows = reports.flatMap((report) => report.rows);
  const style = { colour: paint.soft, paper: paint.paper };
  const has = (kind: "pp" | "tg") => rows.some((row) => row.kind === kind);
  const peers = reports.some((report) => (report.peers?.rows.length ?? 0) > 0);
  const entries: (Entry | false)[] = [
    has("tg") && marked(texts.tg, 1, (cx, cy) => shapeAt("circle", cx, cy, style)),
    has("pp") && marked(texts.pp, 1, (cx, cy) => shapeAt("square", cx, cy, style)),
    rows.some(({ synthetic }) => synthetic) &&
      marked(
        texts.random,
        2,
        (cx, cy) =>
          shapeAt("circle", cx, cy, { ...style, hollow: true }) +
          shapeAt("square", cx + 16, cy, { ...style, hollow: true }),
      ),
    peers && marked(texts.peers, 2, (cx, cy) => shapeAt("down", cx, cy, style) + shapeAt("up", cx + 16, cy, style)),
    has("tg") && marked(texts.reads, 2, (cx, cy) => dashes(cx, cy, "8 4", paint)),
    has("pp") && marked(texts.arithmetic, 2, (cx, cy) => dashes(cx, cy, "2 4", paint)),
  ];
  return entries.filter((entry) => entry !== false).map((entry) => ({ ...entry, draw: soft(entry.draw, paint) }));

  function marked(text: string, marks: number, draw: (cx: number, cy: number) => string): Entry {
    const room = 16 * marks + 4;
    return {
      width: room + LETTER * text.length,
      draw: (x, y) => draw(x + 6, y - 4) + textElement("text", { x: x + room, y, "font-size": SIZE }, text),
    };
  }
}

function soft(draw: Entry["draw"], paint: Paint): Entry["draw"] {
  return (x, y) => element("g", { fill: paint.soft }, draw(x, y));
}

function dashes(cx: number, cy: number, pattern: string, { soft: stroke }: Paint): string {
  return element("line", { x1: cx - 6, x2: cx + 22, y1: cy, y2: cy, stroke, "stroke-dasharray": pattern });
}
