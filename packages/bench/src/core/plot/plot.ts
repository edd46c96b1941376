import { scaleLog } from "d3-scale";
import type { BenchReport } from "../report.js";
import { placeLabels } from "./labels.js";
import { legend } from "./legend.js";
import { colourOf, PAINTS } from "./paint.js";
import { axes, MARGIN, type Panel, WIDTH } from "./panel.js";
import { onceEach, qualityPanel } from "./quality-panel.js";
import { ceiling } from "./roofline.js";
import { logTicks, padded } from "./scales.js";
import { seriesOf, spreadOf } from "./series.js";
import { element, textElement } from "./svg.js";
import { ENGLISH, type PlotTexts } from "./texts.js";

const SPEED_HEIGHT = 420;
const QUALITY_HEIGHT = 160;
/** Room for the numbers and the name of an axis. */
const GAP = 64;

export interface PlotOptions {
  readonly texts?: PlotTexts;
  /** Default: light, for a file that may land on any page. */
  readonly theme?: "light" | "dark";
}

/**
 * Tokens per second against parameters, both logarithmic, each run in a colour with its adapter's roofline; and below, the
 * quality of real checkpoints. Filled marks are real checkpoints, hollow ones random weights, triangles other engines.
 *
 * @param reports - Of one run or several, on different adapters.
 * @returns an SVG document; the adapters' names, drivers, features and limits are in its metadata.
 * @throws RangeError when there is no row to draw.
 */
export function toSvg(reports: readonly BenchReport[], { texts = ENGLISH, theme = "light" }: PlotOptions = {}): string {
  const paint = PAINTS[theme];
  const rows = reports.flatMap((report) => [...report.rows, ...(report.peers?.rows ?? [])]);
  if (rows.length === 0) throw new RangeError("There is no row to plot: every one failed or was skipped.");
  const quality = onceEach(reports.flatMap((report) => report.quality));
  const span = padded([...rows, ...quality].map(({ parameters }) => parameters));
  const x = scaleLog(span, [MARGIN.left, WIDTH - MARGIN.right]);
  const bottom = MARGIN.top + SPEED_HEIGHT;
  const drawnRates = rates(reports, span);
  const speed: Panel = { x, y: scaleLog(padded(drawnRates), [bottom, MARGIN.top]), top: MARGIN.top, bottom, paint };
  const series = reports.map((report, index) => seriesOf(report, colourOf(index, paint), speed, span));
  const drawn = [
    ...axes(speed, { xs: x.ticks(), ys: logTicks(drawnRates), xLabel: texts.parameters, yLabel: texts.rate }),
    ...series.flatMap(({ lines }) => lines),
    ...series.flatMap(({ marks }) => marks),
    ...placeLabels(
      series.flatMap(({ labels }) => labels),
      series.flatMap(({ places }) => places),
      speed,
    ),
  ];
  let end = bottom;
  if (quality.length > 0) {
    const top = bottom + GAP;
    end = top + QUALITY_HEIGHT;
    drawn.push(...qualityPanel(quality, x, { top, bottom: end, paint }, texts));
  }
  const key = legend(reports, end + GAP + 8, paint, texts);
  const height = key.bottom + 24;
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
    textElement("text", { x: MARGIN.left, y: 30, "font-size": 18, "font-weight": 600 }, texts.title),
    ...drawn,
    ...key.parts,
  )}\n`;
}

/** Every rate that is drawn: of the rows, and of the rooflines at both ends. */
function rates(reports: readonly BenchReport[], span: readonly [least: number, most: number]): number[] {
  const ceilings = reports.flatMap((report) =>
    (["pp", "tg"] as const).flatMap((kind) => span.map((parameters) => ceiling(report, kind, parameters))),
  );
  const measured = reports.flatMap(({ rows, peers }) =>
    [...rows, ...(peers?.rows ?? [])].flatMap(({ tokensPerSecond }) => spreadOf(tokensPerSecond)),
  );
  return [...measured, ...ceilings.filter((value) => value !== undefined)];
}

function names(reports: readonly BenchReport[]): string {
  return reports.map(({ adapter }) => adapter.name).join(", ");
}
