export type GroupType = "f16" | "bf16" | "f32";

export interface QuantisedGroup {
  readonly scale: number;
  readonly offset: number;
  /** Sum of squared errors. */
  readonly error: number;
}

const FLOATS = {
  f16: { fractionBits: 10, smallestExponent: -14, greatest: 65_504 },
  bf16: { fractionBits: 7, smallestExponent: -126, greatest: 255 * 2 ** 120 },
};

/** A number rounded to the type scales and offsets are kept in: to nearest, ties to even, never past the greatest. */
export function storedReference(x: number, type: GroupType): number {
  if (type === "f32") return Math.fround(x);
  const { fractionBits, smallestExponent, greatest } = FLOATS[type];
  if (x === 0) return 0;
  const unit = 2 ** (Math.max(smallestExponent, Math.floor(Math.log2(Math.abs(x)))) - fractionBits);
  const units = Math.abs(x) / unit;
  const below = Math.floor(units);
  const up = units - below > 0.5 || (units - below === 0.5 && below % 2 === 1);
  return Math.sign(x) * Math.min(greatest, (below + (up ? 1 : 0)) * unit);
}

/** Squared error of a group on a grid, each number at its nearest q. f64. */
export function gridError(group: ArrayLike<number>, levels: number, scale: number, offset: number): number {
  let error = 0;
  for (let i = 0; i < group.length; i++) {
    const w = group[i]!;
    const q = scale > 0 ? Math.min(levels, Math.max(0, Math.round((w - offset) / scale))) : 0;
    error += (w - scale * q - offset) ** 2;
  }
  return error;
}

/** Bare min-max rounding of a group: what every other method has to beat. */
export function minMaxReference(group: ArrayLike<number>, levels: number, type: GroupType): QuantisedGroup {
  const { least, greatest } = range(group);
  const scale = storedReference((greatest - least) / levels, type);
  const offset = storedReference(least, type);
  return { scale, offset, error: gridError(group, levels, scale, offset) };
}

/**
 * The best grid found by a slow search in f64: from many shrunk and widened ranges, nearest assignment and a
 * least-squares refit in turn until nothing changes. Written apart from the kernel, to be believed at a glance.
 */
export function quantiseReference(group: ArrayLike<number>, levels: number, type: GroupType): QuantisedGroup {
  const { least, greatest } = range(group);
  let best = minMaxReference(group, levels, type);
  const shares = levels === 15 ? [0, 0.04, 0.08, 0.12, 0.16, 0.2, 0.25, 0.3] : [0, 0.002, 0.004];
  const starts = shares.flatMap((bottom) => shares.map((top) => [bottom, top] as const));
  for (let used = levels - 1; levels === 15 && used > 4; used--) starts.push([0, 1 - levels / used]);
  for (const [bottom, top] of starts) {
    let offset = least + bottom * (greatest - least);
    let scale = (greatest - top * (greatest - least) - offset) / levels;
    for (let round = 0; round < 12; round++) {
      const rounded = { scale: storedReference(scale, type), offset: storedReference(offset, type) };
      const error = gridError(group, levels, rounded.scale, rounded.offset);
      if (error < best.error) best = { ...rounded, error };
      const fit = leastSquares(group, levels, rounded.scale, rounded.offset);
      if (!fit || (fit.scale === scale && fit.offset === offset)) break;
      ({ scale, offset } = fit);
    }
  }
  return best;
}

/** The scale and offset that fit a group best once its q are fixed. */
function leastSquares(group: ArrayLike<number>, levels: number, scale: number, offset: number) {
  if (!(scale > 0)) return undefined;
  const n = group.length;
  const q = Array.from(group, (w) => Math.min(levels, Math.max(0, Math.round((w - offset) / scale))));
  const meanQ = q.reduce((sum, value) => sum + value, 0) / n;
  const meanW = Array.from(group).reduce((sum, value) => sum + value, 0) / n;
  let variance = 0;
  let covariance = 0;
  for (let i = 0; i < n; i++) {
    variance += (q[i]! - meanQ) ** 2;
    covariance += (q[i]! - meanQ) * (group[i]! - meanW);
  }
  if (variance === 0) return undefined;
  return { scale: covariance / variance, offset: meanW - (covariance / variance) * meanQ };
}

function range(group: ArrayLike<number>): { least: number; greatest: number } {
  const values = Array.from(group);
  return {
    least: values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    greatest: values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
  };
}
