import { scaleLinear, scaleLog } from "d3-scale";
import { millions } from "../format/columns.js";
import type { BenchReport, BenchRow, QualityRow } from "../report.js";
import { nameOf } from "../workload.js";
import { element, textElement } from "./svg.js";

const WIDTH = 960;
const MARGIN = { left: 76, right: 24, top: 56 };
const SPEED_HEIGHT = 420;
const QUALITY_HEIGHT = 180;
const GAP = 64;
const LEGEND_LINE = 20;
interface Paint {
  readonly paper: string;
  readonly ink: string;
  readonly soft: string;
  readonly frame: string;
  readonly grid: string;
  /** Of the adapters: Okabe and Ito's colours, which colour-blind readers tell apart, the clearest on this paper first. */
  readonly series: readonly string[];
}

const PAINTS: Readonly<Record<"light" | "dark", Paint>> = {
  light: {
    paper: "#fff",
    ink: "#222",
    soft: "#555",
    frame: "#888",
    grid: "#e3e3e3",
    series: ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"],
  },
  dark: {
    paper: "#1b1a18",
    ink: "#eee",
    soft: "#bbb",
    frame: "#888",
    grid: "#3a3936",
    series: ["#56b4e9", "#e69f00", "#009e73", "#f0e442", "#cc79a7", "#d55e00"],
  },
};

/** What the picture says, in the reader's language. */
export interface PlotTexts {
  readonly title: string;
  /** Before the adapters' names, for those who hear the picture. */
  readonly on: string;
  readonly parameters: string;
  readonly rate: string;
  readonly bitsPerByte: string;
  readonly software: string;
  readonly notes: readonly string[];
}

const ENGLISH: PlotTexts = {
  title: "Tokens per second against parameters",
  on: "on",
  parameters: "parameters",
  rate: "tokens/s",
  bitsPerByte: "bits per byte",
  software: "software adapter",
  notes: [
    "circles: writing (tg), squares: reading a prompt (pp); filled: a real checkpoint, hollow: random weights of a named model's shape",
    "lines: what the adapter's measured read bandwidth allows tg (dashes) and its measured f32 rate allows pp (dots)",
  ],
};

export interface PlotOptions {
  readonly texts?: PlotTexts;
  /** Default: light, for a file that may land on any page. */
  readonly theme?: "light" | "dark";
}

type Scale = (value: number) => number;

/** Least and most parameters that the axis shows. */
type Span = readonly [number, number];

/** Where something is drawn, with its scales. */
interface Panel {
  readonly x: Scale;
  readonly y: Scale;
  readonly top: number;
  readonly bottom: number;
  readonly paint: Paint;
  readonly texts: PlotTexts;
}

/**
 * Tokens per second against parameters, both logarithmic, each adapter in a colour with its own roofline; and below, the
 * quality of real checkpoints. Filled marks are real checkpoints, hollow ones random weights.
 *
 * @param reports - Of one run or several, on different adapters.
 * @returns an SVG document; the adapters' names, drivers, features and limits are in its metadata.
 * @throws RangeError when there is no row to draw.
 */
export function toSvg(reports: readonly BenchReport[], { texts = ENGLISH, theme = "light" }: PlotOptions = {}): string {
  const paint = PAINTS[theme];
  const rows = reports.flatMap((report) => report.rows);
  if (rows.length === 0) throw new RangeError("There is no row to plot: every one failed or was skipped.");
  const quality = onceEach(reports.flatMap((report) => report.quality));
  const span = padded([...rows, ...quality].map(({ parameters }) => parameters));
  const x = scaleLog(span, [MARGIN.left, WIDTH - MARGIN.right]);
  const bottom = MARGIN.top + SPEED_HEIGHT;
  const drawnRates = rates(reports, span);
  const y = scaleLog(padded(drawnRates), [bottom, MARGIN.top]);
  const speed: Panel = { x, y, top: MARGIN.top, bottom, paint, texts };
  const drawn = [
    ...axes(speed, x.ticks(), texts.rate, logTicks(drawnRates)),
    ...reports.flatMap((report, index) => series(report, colourOf(index, paint), speed, span)),
  ];
  let end = bottom;
  if (quality.length > 0) {
    const top = bottom + GAP;
    end = top + QUALITY_HEIGHT;
    drawn.push(...qualityPanel(quality, x, { top, bottom: end, paint, texts }));
  }
  const entries = legend(reports, paint, texts);
  const height = end + GAP + LEGEND_LINE * entries.length + 16;
  const adapters = reports.map(({ adapter, date, runtime, roofline }) => ({ adapter, date, runtime, roofline }));
  return `${element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${WIDTH} ${height}`,
      width: WIDTH,
      height,
      role: "img",
      "aria-labelledby": "title",
      "font-family": "system-ui, sans-serif",
      "font-size": 13,
      fill: paint.ink,
    },
    textElement("title", { id: "title" }, `${texts.title} ${texts.on} ${names(reports)}`),
    textElement("metadata", {}, JSON.stringify(adapters)),
    element("rect", { width: WIDTH, height, fill: paint.paper }),
    textElement("text", { x: MARGIN.left, y: 28, "font-size": 17 }, texts.title),
    ...drawn,
    ...entries.map((entry, index) => entry(end + GAP + LEGEND_LINE * index)),
  )}\n`;
}

/** Tokens per second that reads (tg) or arithmetic (pp) of the adapter allow a model of so many parameters. */
function ceiling({ roofline, rows }: BenchReport, kind: BenchRow["kind"], parameters: number): number | undefined {
  const own = rows.filter((row) => row.kind === kind);
  if (own.length === 0) return undefined;
  // Bytes or operations for each parameter differ a little from model to model: the middle one stands for all.
  const costs = own.map((row) => (kind === "tg" ? row.bytes : row.flops) / row.parameters).toSorted((a, b) => a - b);
  return (1e9 * (kind === "tg" ? roofline.readGBs : roofline.gflops)) / (costs[costs.length >> 1]! * parameters);
}

/** Every rate that is drawn: of the rows, and of the rooflines at both ends. */
function rates(reports: readonly BenchReport[], span: Span): number[] {
  const ceilings = reports.flatMap((report) =>
    (["pp", "tg"] as const).flatMap((kind) => span.map((parameters) => ceiling(report, kind, parameters))),
  );
  const measured = reports.flatMap(({ rows }) => rows.map(({ tokensPerSecond }) => tokensPerSecond.mean));
  return [...measured, ...ceilings.filter((value) => value !== undefined)];
}

/** A little more than the values span, so that no mark lies on the frame; a factor of 4 at least. */
function padded(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const factor = Math.max(1.25, 2 / Math.sqrt(most / least));
  return [least / factor, most * factor];
}

/** Powers of ten, with 2 and 5 between where they are few. */
function logTicks(values: readonly number[]): number[] {
  const [least, most] = padded(values);
  const few = Math.log10(most / least) < 3;
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= most; power++) {
    for (const digit of few ? [1, 2, 5] : [1]) ticks.push(digit * 10 ** power);
  }
  return ticks.filter((tick) => tick >= least && tick <= most);
}

function axes(
  { x, y, top, bottom, paint, texts }: Panel,
  xs: readonly number[],
  label: string,
  ys: readonly number[],
): string[] {
  const [left, right] = [MARGIN.left, WIDTH - MARGIN.right];
  const grid = { stroke: paint.grid };
  const labelled = xs.filter((tick) => [1, 2, 5].includes(Number(tick.toExponential()[0])));
  return [
    element("rect", { x: left, y: top, width: right - left, height: bottom - top, fill: "none", stroke: paint.frame }),
    ...ys.flatMap((tick) => [
      element("line", { x1: left, x2: right, y1: y(tick), y2: y(tick), ...grid }),
      textElement("text", { x: left - 8, y: y(tick) + 4, "text-anchor": "end" }, String(Number(tick.toPrecision(3)))),
    ]),
    ...labelled.flatMap((tick) => [
      element("line", { x1: x(tick), x2: x(tick), y1: top, y2: bottom, ...grid }),
      textElement("text", { x: x(tick), y: bottom + 18, "text-anchor": "middle" }, shortCount(tick)),
    ]),
    textElement("text", { x: (left + right) / 2, y: bottom + 38, "text-anchor": "middle" }, texts.parameters),
    textElement(
      "text",
      { transform: `translate(20 ${(top + bottom) / 2}) rotate(-90)`, "text-anchor": "middle" },
      label,
    ),
  ];
}

function series(report: BenchReport, colour: string, panel: Panel, span: Span): string[] {
  const { rows } = report;
  const { x, y } = panel;
  const parts: string[] = [];
  for (const kind of ["pp", "tg"] as const) {
    const ends = span.map((parameters) => [parameters, ceiling(report, kind, parameters)] as const);
    if (ends.every(([, rate]) => rate !== undefined)) {
      const [[x1, y1], [x2, y2]] = ends as unknown as [[number, number], [number, number]];
      const line = { x1: x(x1), y1: y(y1), x2: x(x2), y2: y(y2), stroke: colour };
      parts.push(element("line", { ...line, "stroke-dasharray": kind === "tg" ? "8 4" : "2 4", opacity: 0.7 }));
    }
    // One line a test: tg128 and tg128 @ d4096 are not the same thing.
    for (const test of new Set(rows.filter((row) => row.kind === kind).map(nameOf))) {
      const points = rows.filter((row) => nameOf(row) === test).toSorted((a, b) => a.parameters - b.parameters);
      const path = points.map((row) => `${x(row.parameters).toFixed(1)},${y(row.tokensPerSecond.mean).toFixed(1)}`);
      parts.push(element("polyline", { points: path.join(" "), fill: "none", stroke: colour, "stroke-opacity": 0.35 }));
      for (const row of points) parts.push(mark(row, report.adapter.name, colour, panel));
    }
  }
  return parts;
}

/** A circle for tg, a square for pp; hollow for random weights; with the deviation as a bar. */
function mark(row: BenchRow, adapter: string, colour: string, { x, y, paint }: Panel): string {
  const { mean, deviation } = row.tokensPerSecond;
  const [cx, cy] = [x(row.parameters), y(mean)];
  const style = { fill: row.synthetic ? paint.paper : colour, stroke: colour, "stroke-width": 2 };
  const low = y(Math.max(mean - deviation, mean / 2));
  // Towards the middle, where there is room.
  const left = cx > WIDTH / 2;
  const label = {
    x: cx + (left ? -10 : 10),
    y: cy + 4,
    "font-size": 11,
    "text-anchor": left ? "end" : "start",
    fill: paint.soft,
  };
  return element(
    "g",
    {},
    ...(row.kind === "tg" && !row.synthetic ? [textElement("text", label, row.model)] : []),
    textElement(
      "title",
      {},
      `${row.model}, ${nameOf(row)}: ${mean.toPrecision(4)} ± ${deviation.toPrecision(2)} tokens/s on ${adapter}`,
    ),
    element("line", { x1: cx, x2: cx, y1: low, y2: y(mean + deviation), stroke: colour }),
    row.kind === "tg"
      ? element("circle", { cx, cy, r: 5, ...style })
      : element("rect", { x: cx - 4.5, y: cy - 4.5, width: 9, height: 9, ...style }),
  );
}

function qualityPanel(
  rows: readonly QualityRow[],
  x: ReturnType<typeof scaleLog<number, number>>,
  place: Omit<Panel, "x" | "y">,
): string[] {
  const { top, bottom, paint, texts } = place;
  const values = rows.map(({ bitsPerByte }) => bitsPerByte);
  const scale = scaleLinear([Math.min(...values) * 0.9, Math.max(...values) * 1.1], [bottom, top]).nice(4);
  const panel: Panel = { ...place, x, y: scale };
  return [
    ...axes(panel, x.ticks(), texts.bitsPerByte, scale.ticks(4)),
    ...rows.flatMap(({ model, parameters, bitsPerByte, klToTeacher }) => {
      const kl = klToTeacher === undefined ? "" : `, KL ${klToTeacher.toFixed(2)}`;
      const [cx, cy] = [x(parameters), scale(bitsPerByte)];
      // Towards the middle, where there is room.
      const left = cx > WIDTH / 2;
      return [
        element("circle", { cx, cy, r: 5, fill: paint.soft }),
        textElement(
          "text",
          { x: cx + (left ? -10 : 10), y: cy + 4, "text-anchor": left ? "end" : "start" },
          `${model}: ${bitsPerByte.toFixed(2)}${kl}`,
        ),
      ];
    }),
  ];
}

function legend(reports: readonly BenchReport[], paint: Paint, texts: PlotTexts): ((y: number) => string)[] {
  const [left, text] = [MARGIN.left, MARGIN.left + 24];
  const lines = reports.map(({ adapter, date }, index) => (y: number) => {
    const software = adapter.kind === "software" ? ` (${texts.software})` : "";
    const label = textElement("text", { x: text, y }, `${adapter.name}${software}, ${date.slice(0, 10)}`);
    return element("rect", { x: left, y: y - 10, width: 14, height: 10, fill: colourOf(index, paint) }) + label;
  });
  const notes = texts.notes.map((note) => (y: number) => textElement("text", { x: left, y, fill: paint.soft }, note));
  return [...lines, ...notes];
}

function colourOf(index: number, { series: colours }: Paint): string {
  return colours[index % colours.length]!;
}

function names(reports: readonly BenchReport[]): string {
  return reports.map(({ adapter }) => adapter.name).join(", ");
}

/** Quality is the model's, not the adapter's: the first run that has it speaks for all. */
function onceEach(rows: readonly QualityRow[]): QualityRow[] {
  return [...new Map(rows.toReversed().map((row) => [row.model, row])).values()];
}

function shortCount(parameters: number): string {
  return millions(parameters)
    .replace(/\.0+ /, " ")
    .replace(/(\.\d*?)0+ /, "$1 ");
}
