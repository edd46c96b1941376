import { expect, test } from "vitest";
import { samplePeer, sampleReport, sampleRow } from "../../testing/report.js";
import { toSvg } from "./plot.js";

const attribute = (tag: string, name: string) => Number(new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]);
const tags = (svg: string, pattern: RegExp) => svg.match(pattern) ?? [];
/** What is drawn of rows, without the legend. */
const marksOf = (svg: string) => tags(svg, /<g><title>.*?<\/g>/g).join("");

test("a mark a row, at its place on two logarithmic axes", () => {
  const rate = (mean: number) => ({ mean, deviation: 0, samples: [mean] });
  const rows = [1, 2, 4].map((step) => sampleRow({ parameters: 10e6 * step, tokensPerSecond: rate(1000 / step) }));
  const circles = tags(marksOf(toSvg([sampleReport({ rows, quality: [] })])), /<circle [^>]*>/g);
  expect(circles).toHaveLength(3);
  const [xs, ys] = ["cx", "cy"].map((name) => circles.map((tag) => attribute(tag, name))) as [number[], number[]];
  // Doubling is the same step wherever it happens.
  expect(xs[1]! - xs[0]!).toBeCloseTo(xs[2]! - xs[1]!, 1);
  expect(ys[1]! - ys[0]!).toBeCloseTo(ys[2]! - ys[1]!, 1);
  expect(xs[1]!).toBeGreaterThan(xs[0]!);
  expect(ys[1]!).toBeGreaterThan(ys[0]!);
});

test("real checkpoints are filled and random weights hollow; pp is square", () => {
  const svg = toSvg([sampleReport({ quality: [] })]);
  const fills = tags(marksOf(svg), /<circle [^>]*>/g).map((tag) => /fill="([^"]*)"/.exec(tag)?.[1]);
  expect(fills.toSorted()).toEqual(["#0072b2", "#fff"]);
  expect(svg).toContain('width="9.5" height="9.5" fill="#0072b2"');
});

test("the roofline is drawn where the adapter's reads allow that rate", () => {
  // 10 GB/s over 100 MB a token is 100 tokens/s: five times the measured 20.
  const row = sampleRow();
  const atCeiling = sampleRow({ tokensPerSecond: { mean: 100, deviation: 0, samples: [100] } });
  const svg = toSvg([sampleReport({ rows: [row, atCeiling], quality: [] })]);
  const [line] = tags(svg, /<line [^>]*stroke-dasharray="8 4"[^>]*>/g);
  const middle = (attribute(line!, "y1") + attribute(line!, "y2")) / 2; // the one parameter count stands in the middle
  const heights = tags(marksOf(svg), /<circle [^>]*>/g).map((tag) => attribute(tag, "cy"));
  expect(heights[1]).toBeCloseTo(middle, 1);
  expect(heights[0]).toBeGreaterThan(middle + 50);
});

test("several runs are told apart, each with its adapter", () => {
  const { adapter } = sampleReport();
  const other = sampleReport({ adapter: { ...adapter, name: "Other & <old>", kind: "software" }, quality: [] });
  const svg = toSvg([sampleReport(), other]);
  expect(svg).toContain("Example GPU, 8 GB, Node 20.19.0, linux x64, 2026-01-02</text>");
  expect(svg).toContain("Other &amp; &lt;old&gt; (software adapter), Node 20.19.0, linux x64, 2026-01-02</text>");
  expect(svg).toContain("#d55e00");
  const metadata = /<metadata>([^<]*)</
    .exec(svg)![1]!
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  expect(JSON.parse(metadata.replaceAll("&amp;", "&"))).toMatchObject([{ adapter }, { adapter: other.adapter }]);
});

test("other engines are triangles with their names, in every run of several", () => {
  const { adapter } = sampleReport();
  const peers = { rows: [samplePeer(), samplePeer({ kind: "pp", tokens: 512 })], failed: [], skipped: [] };
  const other = sampleReport({ adapter: { ...adapter, name: "Other" }, peers, quality: [] });
  const svg = toSvg([sampleReport({ peers }), other]);
  const fills = tags(marksOf(svg), /<polygon [^>]*>/g).map((tag) => /fill="([^"]*)"/.exec(tag)?.[1]);
  expect(fills).toEqual(["#0072b2", "#0072b2", "#d55e00", "#d55e00"]);
  expect(tags(svg, />Other engine tg128</g)).toHaveLength(2);
  expect(tags(svg, />Other engine pp512</g)).toHaveLength(2);
  expect(svg).toContain(">other engines on the same weights");
  expect(svg).toContain("Other engine 1.2.3, a/real-135m, tg128: 10.00 ± 0.0 tokens/s: WebGPU, Node 20.19.0; int4");
  expect(toSvg([sampleReport()])).not.toContain("other engines");
  const [above, below] = tags(marksOf(svg), /<polygon [^>]*>/g).map((tag) =>
    /points="([^"]*)"/
      .exec(tag)![1]!
      .split(" ")
      .map((point) => Number(point.split(",")[1])),
  );
  expect(above![0]).toBeGreaterThan(above![1]!); // tg points down
  expect(below![0]).toBeLessThan(below![1]!);
});

test("no label lies on another, or on a mark", () => {
  const rows = ["one", "two", "three", "four", "five"].map((model, index) =>
    sampleRow({
      model,
      parameters: 100e6 + index * 1e6,
      tokensPerSecond: { mean: 20 + index, deviation: 0, samples: [20] },
    }),
  );
  const svg = toSvg([sampleReport({ rows, quality: [] })]);
  const boxes = tags(svg, /<text [^>]*font-size="11"[^>]*>[^<]*</g).map((tag) => {
    const [x, y, width] = [attribute(tag, "x"), attribute(tag, "y"), 5.5 * />(.*)</.exec(tag)![1]!.length];
    const left = tag.includes('text-anchor="end"') ? x - width : x;
    return { left, right: left + width, y };
  });
  expect(boxes).toHaveLength(6); // five names, and the test's
  for (const [index, one] of boxes.entries()) {
    for (const other of boxes.slice(index + 1)) {
      const apart = Math.abs(one.y - other.y) >= 11 || one.left >= other.right || other.left >= one.right;
      expect(apart, JSON.stringify([one, other])).toBe(true);
    }
  }
});

test("quality has a panel where it is known, each model once", () => {
  const svg = toSvg([sampleReport(), sampleReport()]);
  expect(tags(svg, />bits per byte</g)).toHaveLength(1);
  expect(tags(svg, />student: 1\.41, KL 0\.80</g)).toHaveLength(1);
  expect(toSvg([sampleReport({ quality: [] })])).not.toContain("bits per byte");
});

test("well-formed, with no number gone wrong", () => {
  const svg = toSvg([sampleReport()]);
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  const open: string[] = [];
  for (const [, closing, name, alone] of svg.matchAll(/<(\/?)([a-z]+)(?:\s[^>]*?)?(\/?)>/g)) {
    if (closing) expect(open.pop()).toBe(name);
    else if (!alone) open.push(name!);
  }
  expect(open).toEqual([]);
});

test("on a dark page, in another language", () => {
  const texts = {
    title: "Vitesse",
    on: "sur",
    parameters: "paramètres",
    rate: "tokens/s",
    bitsPerByte: "bits par octet",
  };
  const legend = {
    tg: "écriture",
    pp: "lecture",
    random: "au hasard",
    peers: "autres moteurs",
    reads: "ce que permettent les lectures",
    arithmetic: "ce que permet le calcul",
  };
  const more = { software: "logiciel", legend };
  const svg = toSvg([sampleReport()], { theme: "dark", texts: { ...texts, ...more } });
  const { peers: _, ...shown } = legend; // none in this report
  for (const text of [...Object.values(texts).filter((each) => each !== "sur"), ...Object.values(shown)])
    expect(svg).toContain(`>${text}`);
  expect(svg).not.toContain('fill="#fff"');
  expect(svg).not.toMatch(/against|measured|parameters</);
});

test("nothing to draw", () => {
  expect(() => toSvg([sampleReport({ rows: [] })])).toThrow("There is no row to plot");
});
