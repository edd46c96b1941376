import { svg, type TemplateResult } from "lit";

const WIDTH = 960;
const HEIGHT = 180;

/** Counts as filled bars, and over them the outline of the same values in another form. */
export function histogramDrawing(counts: readonly number[], other: readonly number[] | undefined): TemplateResult {
  // A form of few levels piles up in some bins: its outline is cut there, so that the shape of both stays visible.
  const top = Math.max(...counts) * 1.15;
  const height = (count: number) => Math.min(HEIGHT, (count / top) * HEIGHT);
  const step = WIDTH / counts.length;
  const outline = (other ?? []).flatMap((count, i) => {
    const y = (HEIGHT - height(count)).toFixed(1);
    return [`${(i * step).toFixed(1)},${y}`, `${((i + 1) * step).toFixed(1)},${y}`];
  });
  return frame(
    HEIGHT,
    svg`${counts.map(
      (count, i) =>
        svg`<rect class="stored" x=${i * step} y=${HEIGHT - height(count)} width=${step * 0.98} height=${height(count)} />`,
    )}
    <polyline class="form" points=${outline.join(" ")} />
    <line class="axis" x1="0" x2=${WIDTH} y1=${HEIGHT} y2=${HEIGHT} />`,
  );
}

const STRIP = 140;
const BELOW = 60;
const ENLARGED = 10;

/** Numbers one by one as bars, what a form makes of each as a mark, and below the difference enlarged. */
export function stripDrawing(values: readonly number[], form: readonly number[]): TemplateResult {
  const most = Math.max(...values.map(Math.abs), ...form.map(Math.abs)) || 1;
  const half = STRIP / 2;
  const at = (value: number) => half - (value / most) * half * 0.95;
  const step = WIDTH / values.length;
  return frame(
    STRIP + BELOW,
    svg`${values.map((value, i) => {
      const x = (i + 0.15) * step;
      const width = step * 0.7;
      const difference = Math.min(BELOW / 2, (Math.abs(form[i]! - value) / most) * half * ENLARGED);
      const base = STRIP + BELOW / 2;
      return svg`<rect class="stored" x=${x} y=${Math.min(half, at(value))} width=${width} height=${Math.abs(at(value) - half)} />
        <line class="mark" x1=${x} x2=${x + width} y1=${at(form[i]!)} y2=${at(form[i]!)} />
        <rect class="difference" x=${x} y=${form[i]! > value ? base - difference : base} width=${width} height=${difference} />`;
    })}
    <line class="axis" x1="0" x2=${WIDTH} y1=${half} y2=${half} />
    <line class="axis" x1="0" x2=${WIDTH} y1=${STRIP + BELOW / 2} y2=${STRIP + BELOW / 2} />`,
  );
}

/** The figure's caption says what is drawn. */
function frame(height: number, drawing: TemplateResult | ReturnType<typeof svg>): TemplateResult {
  return svg`<svg viewBox="0 0 ${WIDTH} ${height}" preserveAspectRatio="none" aria-hidden="true">${drawing}</svg>` as TemplateResult;
}
