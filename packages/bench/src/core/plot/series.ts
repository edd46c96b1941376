import { OURS } from "../format/peers.js";
import type { BenchReport, BenchRow, PeerRow } from "../report.js";
import { nameOf } from "../workload.js";
import type { Label } from "./labels.js";
import { shapeAt } from "./marks.js";
import type { Panel } from "./panel.js";
import { ceiling } from "./roofline.js";
import { element, textElement } from "./svg.js";

/** What is drawn of one run. */
export interface Series {
  /** Under every mark. */
  readonly lines: readonly string[];
  readonly marks: readonly string[];
  readonly places: readonly (readonly [x: number, y: number])[];
  readonly labels: readonly Label[];
}

/** Rows, rooflines and other engines of one run, in its colour. `span`: least and most parameters that the axis shows. */
export function seriesOf(
  report: BenchReport,
  colour: string,
  panel: Panel,
  span: readonly [least: number, most: number],
): Series {
  const { rows, peers } = report;
  const others = peers?.rows ?? [];
  const at = (row: BenchRow | PeerRow) => [panel.x(row.parameters), panel.y(row.tokensPerSecond.mean)] as const;
  return {
    lines: [...rooflines(report, colour, panel, span), ...chains(rows).map((chain) => line(chain.map(at), colour))],
    marks: [
      ...[...rows.filter(({ synthetic }) => synthetic), ...rows.filter(({ synthetic }) => !synthetic)].map((row) =>
        ownMark(row, report, colour, panel),
      ),
      ...others.map((row) => peerMark(row, report, colour, panel)),
    ],
    places: [...rows, ...others].map(at),
    labels: [
      ...testLabels(rows).map(({ row, text }) => label(at(row), text, colour, true)),
      ...rows.filter(isNamed).map((row) => label(at(row), row.model, panel.paint.soft)),
      ...others.map((row) => label(at(row), `${engineOf(row)} ${nameOf(row)}`, colour)),
    ],
  };
}

function rooflines(
  report: BenchReport,
  colour: string,
  { x, y }: Panel,
  span: readonly [least: number, most: number],
): string[] {
  return (["pp", "tg"] as const).flatMap((kind) => {
    const ends = span.map((parameters) => ceiling(report, kind, parameters));
    const [least, most] = ends;
    if (least === undefined || most === undefined) return [];
    const line = { x1: x(span[0]), y1: y(least), x2: x(span[1]), y2: y(most), stroke: colour };
    return element("line", { ...line, "stroke-dasharray": kind === "tg" ? "8 4" : "2 4", opacity: 0.7 });
  });
}

/**
 * Rows that a line joins, by size: of one test, since tg128 and tg128 @ d4096 are not the same thing; real checkpoints apart
 * from random weights. A mixture computes with a part of its parameters, so it is on nobody's line.
 */
function chains(rows: readonly BenchRow[]): BenchRow[][] {
  const dense = rows.filter((row) => row.activeParameters === undefined);
  const groups = new Map<string, BenchRow[]>();
  for (const row of dense) {
    const key = `${nameOf(row)} ${row.synthetic}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((group) => group.toSorted((a, b) => a.parameters - b.parameters));
}

type Place = readonly [x: number, y: number];

function line(points: readonly Place[], colour: string): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
  return element("polyline", {
    points: path,
    fill: "none",
    stroke: colour,
    "stroke-opacity": 0.4,
    "stroke-width": 1.5,
  });
}

/** The smallest model of each test says which test its line is. */
function testLabels(rows: readonly BenchRow[]): { readonly row: BenchRow; readonly text: string }[] {
  return [...new Set(rows.map(nameOf))].map((text) => {
    const own = rows.filter((row) => nameOf(row) === text);
    return { row: own.reduce((least, row) => (row.parameters < least.parameters ? row : least)), text };
  });
}

/** One name a model is enough: at its slowest mark of the first context. */
function isNamed({ kind, synthetic, activeParameters, depth }: BenchRow): boolean {
  return kind === "tg" && depth === 0 && (!synthetic || activeParameters !== undefined);
}

function label([x, y]: Place, text: string, colour: string, ofTest = false): Label {
  return { x, y, text, colour, ...(ofTest && { bold: true, prefer: "left" as const }) };
}

/** A circle for tg, a square for pp; hollow for random weights; with the deviation as a bar. */
function ownMark(row: BenchRow, report: BenchReport, colour: string, { x, y, paint }: Panel): string {
  const [cx, cy] = [x(row.parameters), y(row.tokensPerSecond.mean)];
  return element(
    "g",
    {},
    textElement("title", {}, `${row.model}, ${told(row)} on ${report.adapter.name}`),
    spread(row, cx, y, colour),
    shapeAt(row.kind === "tg" ? "circle" : "square", cx, cy, { colour, paper: paint.paper, hollow: row.synthetic }),
  );
}

/** Another engine's: a triangle, down for tg and up for pp, with where it ran in its title. */
function peerMark(row: PeerRow, report: BenchReport, colour: string, { x, y, paint }: Panel): string {
  const [cx, cy] = [x(row.parameters), y(row.tokensPerSecond.mean)];
  const where = `${row.runsOn}, ${row.runtime}; ${row.settings}; beside ${report.adapter.name}`;
  return element(
    "g",
    {},
    textElement("title", {}, `${row.peer} ${row.version}, ${row.model}, ${told(row)}: ${where}`),
    spread(row, cx, y, colour),
    shapeAt(row.kind === "tg" ? "down" : "up", cx, cy, { colour, paper: paint.paper }),
  );
}

function told(row: BenchRow | PeerRow): string {
  const { mean, deviation } = row.tokensPerSecond;
  return `${nameOf(row)}: ${mean.toPrecision(4)} ± ${deviation.toPrecision(2)} tokens/s`;
}

function spread({ tokensPerSecond }: BenchRow | PeerRow, cx: number, y: Panel["y"], colour: string): string {
  const [low, high] = spreadOf(tokensPerSecond);
  return element("line", { x1: cx, x2: cx, y1: y(low), y2: y(high), stroke: colour });
}

/** A deviation's ends; on a logarithmic axis it must not reach zero. */
export function spreadOf({ mean, deviation }: BenchRow["tokensPerSecond"]): readonly [low: number, high: number] {
  return [Math.max(mean - deviation, mean / 2), mean + deviation];
}

function engineOf({ peer, runtime }: PeerRow): string {
  // What is in brackets there is in its title.
  return peer === OURS ? `${peer}, ${runtime}` : peer.replace(" (node-llama-cpp)", "");
}
