// quantise: rows of plain numbers become 4- or 8-bit integers with a scale and an offset a group, w ≈ scale * q + offset.
//
//   source         bindings 0 and 1 through the weights.*.wgsl parts: f32, f16 or bf16, rows padded to 8 columns
//   target_values  [FIRST_VALUE + rows * VALUE_WORDS]   u32   integers, the first in the lowest bits; padding is zero
//   target_groups  [FIRST_GROUP + rows * groups a row]  u32   scale and offset, as the stored-*.wgsl parts keep them
//
// Least squares by alternation. A start is a range somewhat narrower (outliers are clipped) or wider than the group's
// own. From each, in turn: round scale and offset to what can be stored, take the nearest integer for every number, sum
// the squared error, and refit scale and offset to those integers. The best pair seen wins. The first start is the
// plain range of the group, so the result is never worse than min-max rounding.
//
// All of it happens in steps of the min-max grid, u = (w - least) / step from 0 to LEVELS, where no magnitude that a
// checkpoint may hold overflows a square or cancels against a large offset.
//
// One lane a group: nothing is shared, and a group's numbers stay in the cache between the passes.
// Compute-bound: about 25 flops a number and a pass, ROUNDS passes from each start.
override K: u32;
override GROUP: u32;
override VALUE_WORDS: u32;
override FIRST_VALUE: u32;
override FIRST_GROUP: u32;
@group(0) @binding(2) var<storage, read_write> target_values: array<u32>;
@group(0) @binding(3) var<storage, read_write> target_groups: array<u32>;

// The columns of one group.
struct Span {
  row: u32,
  first: u32,
  count: u32,
}

// Where u = 0 lies, and u for each unit of w.
struct Frame {
  least: f32,
  per_unit: f32,
}

// A grid: the value of q = 0 and the step from one q to the next.
struct Grid {
  offset: f32,
  scale: f32,
}

// What one pass finds out about a grid.
struct Fit {
  error: f32,
  refit: Grid,
  solvable: bool,
}

const HUGE = 1.6e38;         // numbers beyond are clipped, so that a range never overflows
const SMALLEST_RANGE = 1e-30; // below, a group counts as constant: its inverse would overflow

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  if (index >= (arrayLength(&target_groups) - FIRST_GROUP) / GROUP_WORDS) { return; }
  let groups_per_row = (K + GROUP - 1u) / GROUP;
  let first = index % groups_per_row * GROUP;
  let span = Span(index / groups_per_row, first, min(GROUP, K - first));

  let ends = range_of(span);
  let least = ends.x;
  let greatest = ends.y;
  if (greatest - least < SMALLEST_RANGE) {
    // One number: an offset, and what its rounding left as a scale that every q = 1 adds.
    let offset = stored(least);
    let scale = stored(least - offset);
    store_group(FIRST_GROUP + index * GROUP_WORDS, Grid(offset, scale));
    write_constant(span, select(0u, 1u, scale != 0.0));
    return;
  }

  let frame = Frame(least, LEVELS / (greatest - least));
  let step = (greatest - least) / LEVELS;
  var best = Grid(stored(least), stored(step));
  var best_error = evaluate(span, frame, best).error;
  for (var s = 0u; s < STARTS_COUNT; s++) {
    let margin = STARTS[s] * LEVELS;
    // Rounding must not lift the offset of a group whose range is small against its magnitude above all its numbers.
    let slack = select(0.0, abs(least) * STORED_ULP, s == 0u);
    var grid = Grid(stored(least + margin.x * step - slack), 0.0);
    grid.scale = stored((greatest - margin.y * step - grid.offset) / LEVELS);
    for (var round = 0u; round < ROUNDS; round++) {
      let fit = evaluate(span, frame, grid);
      if (fit.error < best_error) {
        best = grid;
        best_error = fit.error;
      }
      if (!fit.solvable || (fit.refit.offset == grid.offset && fit.refit.scale == grid.scale)) { break; }
      grid = fit.refit;
    }
  }
  store_group(FIRST_GROUP + index * GROUP_WORDS, best);
  write_nearest(span, frame, best);
}

fn range_of(span: Span) -> vec2f {
  var least = vec4f(HUGE);
  var greatest = vec4f(-HUGE);
  for (var i = 0u; i < span.count; i += 8u) {
    let w = eight(span, i);
    least = min(least, min(select(vec4f(HUGE), w[0], in_low(span, i)), select(vec4f(HUGE), w[1], in_high(span, i))));
    greatest = max(greatest, max(select(vec4f(-HUGE), w[0], in_low(span, i)), select(vec4f(-HUGE), w[1], in_high(span, i))));
  }
  return vec2f(
    min(min(least.x, least.y), min(least.z, least.w)),
    max(max(greatest.x, greatest.y), max(greatest.z, greatest.w)),
  );
}

struct Sums {
  error: vec4f,
  c: vec4f,
  cc: vec4f,
  u: vec4f,
  cu: vec4f,
}

// Squared error of a grid in units of u, and the least-squares grid for the integers it led to.
fn evaluate(span: Span, frame: Frame, grid: Grid) -> Fit {
  let steps = in_steps(frame, grid);
  var sums = Sums();
  for (var i = 0u; i < span.count; i += 8u) {
    let w = eight(span, i);
    add_up(&sums, (w[0] - frame.least) * frame.per_unit, in_low(span, i), steps);
    add_up(&sums, (w[1] - frame.least) * frame.per_unit, in_high(span, i), steps);
  }
  let n = f32(span.count);
  let mean_c = total(sums.c) / n;
  let mean_u = total(sums.u) / n;
  let variance = total(sums.cc) / n - mean_c * mean_c;
  let covariance = total(sums.cu) / n - mean_c * mean_u;
  var fit = Fit(total(sums.error), grid, variance > 0.5 / n);   // below, every q is the same and no scale follows
  if (fit.solvable) {
    fit.refit.scale = stored(covariance / variance / frame.per_unit);
    // The offset makes up for what rounding did to the scale.
    let rounded = fit.refit.scale * frame.per_unit;
    fit.refit.offset = stored(frame.least + (mean_u - rounded * (mean_c + LEVELS / 2.0)) / frame.per_unit);
  }
  return fit;
}

fn add_up(sums: ptr<function, Sums>, u: vec4f, live: vec4<bool>, steps: Steps) {
  let q = nearest(u, steps);
  let residual = u - steps.base - steps.step * q;
  let c = q - LEVELS / 2.0;   // about the middle, where the sums cancel least
  let weight = select(vec4f(), vec4f(1.0), live);
  (*sums).error += weight * residual * residual;
  (*sums).c += weight * c;
  (*sums).cc += weight * c * c;
  (*sums).u += weight * u;
  (*sums).cu += weight * c * u;
}

// A grid in units of u.
struct Steps {
  base: f32,
  step: f32,
  inverse: f32,
}

fn in_steps(frame: Frame, grid: Grid) -> Steps {
  var steps = Steps((grid.offset - frame.least) * frame.per_unit, grid.scale * frame.per_unit, 0.0);
  if (steps.step > 1e-30) { steps.inverse = 1.0 / steps.step; }   // a scale that rounded to nothing leaves q = 0
  return steps;
}

fn nearest(u: vec4f, steps: Steps) -> vec4f {
  return clamp(round((u - steps.base) * steps.inverse), vec4f(), vec4f(LEVELS));
}

fn write_nearest(span: Span, frame: Frame, grid: Grid) {
  let steps = in_steps(frame, grid);
  for (var i = 0u; i < span.count; i += 8u) {
    let w = eight(span, i);
    let low = vec4u(nearest((w[0] - frame.least) * frame.per_unit, steps));
    let high = vec4u(nearest((w[1] - frame.least) * frame.per_unit, steps));
    write_eight(span, i, low, high);
  }
}

fn write_constant(span: Span, q: u32) {
  for (var i = 0u; i < span.count; i += 8u) { write_eight(span, i, vec4u(q), vec4u(q)); }
}

// Padding is written too, as zero: the target may hold anything before.
fn write_eight(span: Span, i: u32, low: vec4u, high: vec4u) {
  let word = FIRST_VALUE + span.row * VALUE_WORDS + (span.first + i) / 8u * WORDS_PER_EIGHT;
  store_eight(word, select(vec4u(), low, in_low(span, i)), select(vec4u(), high, in_high(span, i)));
}

// Columns i to i + 7 of a span. Those past its end are read, as rows are padded, and masked where they would count.
fn eight(span: Span, i: u32) -> mat2x4f {
  let w = weights8(span.row, (span.first + i) / 8u);
  return mat2x4f(clamp(w[0], vec4f(-HUGE), vec4f(HUGE)), clamp(w[1], vec4f(-HUGE), vec4f(HUGE)));
}

fn in_low(span: Span, i: u32) -> vec4<bool> {
  return vec4u(i, i + 1u, i + 2u, i + 3u) < vec4u(span.count);
}

fn in_high(span: Span, i: u32) -> vec4<bool> {
  return in_low(span, i + 4u);
}

fn total(v: vec4f) -> f32 {
  return v.x + v.y + v.z + v.w;
}
