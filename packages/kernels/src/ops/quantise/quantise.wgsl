// quantise: rows of plain numbers become 4- or 8-bit integers with a scale and an offset a group, w ≈ scale * q + offset.
//
//   source         bindings 0 and 1 through the weights.*.wgsl parts: f32, f16 or bf16, rows padded to 8 columns
//   target_values  [FIRST_VALUE + rows * VALUE_WORDS]   u32   integers, the first in the lowest bits; padding is zero
//   target_groups  [FIRST_GROUP + rows * groups a row]  u32   scale and offset, as the stored-*.wgsl parts keep them
//
// Three phases look for the grid with the least squared error, each grid tried as it would be stored:
//   starts  the group's own range (bare min-max, so the result is never worse), then ranges somewhat narrower
//   coarse  fewer steps over the range, where the first columns say so: numbers that already lie on such a grid, of an
//           earlier quantisation or of ternary weights, are found again
//   refits  the least-squares grid for the integers that the best one so far led to, until it gets no better
//
// One lane a group: nothing is shared, and a group's numbers stay in the cache between the passes.
// Compute-bound: about 20 flops a number and a pass.
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

// w = offset + scale * q
struct Grid {
  offset: f32,
  scale: f32,
}

// What one pass over a group finds out about a grid.
struct Fit {
  grid: Grid,
  error: f32,   // summed squares, in min-max steps: then no magnitude that a checkpoint may hold overflows
  refit: Grid,
}

struct Sums {
  rr: f32,   // r: what the grid leaves over, in min-max steps
  r: f32,
  q: f32,
  qq: f32,
  qr: f32,
}

const HUGE = 1.6e38;           // ends of a range are clipped here, so that it never overflows
const SMALLEST_RANGE = 1e-36;  // below, a group counts as constant: the inverse would overflow

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  if (index >= (arrayLength(&target_groups) - FIRST_GROUP) / GROUP_WORDS) { return; }
  let groups_per_row = (K + GROUP - 1u) / GROUP;
  let first = index % groups_per_row * GROUP;
  let span = Span(index / groups_per_row, first, min(GROUP, K - first));
  let grid = best_grid(span);
  store_group(FIRST_GROUP + index * GROUP_WORDS, grid);
  let inverse = inverse_scale(grid);
  for (var i = 0u; i < span.count; i += 8u) {
    let w = eight(span, i, grid.offset);   // columns past the end come out as q = 0, the padding
    store_eight(
      FIRST_VALUE + span.row * VALUE_WORDS + (span.first + i) / 8u * WORDS_PER_EIGHT,
      vec4u(nearest(w[0] - grid.offset, inverse)),
      vec4u(nearest(w[1] - grid.offset, inverse)),
    );
  }
}

fn best_grid(span: Span) -> Grid {
  let ends = range_of(span);
  let range = ends.y - ends.x;
  if (range < SMALLEST_RANGE) {
    // One number: an offset, and what its rounding left over as a scale, which every q = 1 adds.
    let offset = stored(ends.x);
    return Grid(offset, stored(ends.x - offset));
  }
  var best: Fit;
  for (var trial = 0u; trial <= STARTS_COUNT + REFITS; trial++) {
    var grid = best.refit;
    if (trial < STARTS_COUNT) {
      grid = start(ends, trial);
    } else if (trial == STARTS_COUNT) {
      let steps = coarse_steps(span, ends);
      if (steps == 0.0) { continue; }
      grid = Grid(stored(ends.x), stored(range / steps));
    }
    let fit = evaluate(span, grid, LEVELS / range);
    if (trial == 0u || fit.error < best.error) {
      best = fit;
    } else if (trial > STARTS_COUNT) {
      break;
    }
  }
  return best.grid;
}

fn range_of(span: Span) -> vec2f {
  let filler = eight(span, 0u, 0.0)[0].x;
  var least = vec4f(filler);
  var greatest = vec4f(filler);
  for (var i = 0u; i < span.count; i += 8u) {
    let w = eight(span, i, filler);
    least = min(least, min(w[0], w[1]));
    greatest = max(greatest, max(w[0], w[1]));
  }
  return vec2f(
    max(-HUGE, min(min(least.x, least.y), min(least.z, least.w))),
    min(HUGE, max(max(greatest.x, greatest.y), max(greatest.z, greatest.w))),
  );
}

// A range with its ends moved inwards by STARTS[i], as a grid.
fn start(ends: vec2f, i: u32) -> Grid {
  let range = ends.y - ends.x;
  if (i == 0u) { return Grid(stored(ends.x), stored(range / LEVELS)); }
  // Where a range is small against its magnitude, rounding must not lift the offset above all the numbers.
  let offset = stored(ends.x + STARTS[i].x * range - abs(ends.x) * STORED_ULP);
  // And a range too small for the smallest scale is better kept coarsely than as one number.
  return Grid(offset, max(STORED_SMALLEST, stored((ends.y - STARTS[i].y * range - offset) / LEVELS)));
}

// The number of steps over the range that the first columns lie on, or 0: a test that lets few grids through to a whole
// pass. Of several the largest, since it is most often a multiple of the others.
fn coarse_steps(span: Span, ends: vec2f) -> f32 {
  let w = eight(span, 0u, ends.x);
  let low = (w[0] - ends.x) / (ends.y - ends.x);
  let high = (w[1] - ends.x) / (ends.y - ends.x);
  var found = 0.0;
  for (var steps = 2.0; steps <= MOST_COARSE_STEPS; steps += 1.0) {
    let off_low = abs(low * steps - round(low * steps));
    let off_high = abs(high * steps - round(high * steps));
    found = select(found, steps, all(max(off_low, off_high) < vec4f(0.1)));
  }
  return found;
}

fn evaluate(span: Span, grid: Grid, per_unit: f32) -> Fit {
  let inverse = inverse_scale(grid);
  var sums: Sums;
  for (var i = 0u; i < span.count; i += 8u) {
    let w = eight(span, i, grid.offset);   // columns past the end have q = 0 and r = 0 and add nothing
    add_up(&sums, w[0] - grid.offset, grid.scale, inverse, per_unit);
    add_up(&sums, w[1] - grid.offset, grid.scale, inverse, per_unit);
  }
  let n = f32(span.count);
  let mean_q = sums.q / n;
  let mean_r = sums.r / n;
  let variance = sums.qq / n - mean_q * mean_q;
  let covariance = sums.qr / n - mean_q * mean_r;
  var fit = Fit(grid, sums.rr, grid);
  if (variance > 0.5 / n) {   // else every q is the same and no scale follows
    fit.refit.scale = stored(grid.scale + covariance / variance / per_unit);
    // The offset makes up for what rounding did to the scale.
    fit.refit.offset = stored(grid.offset + mean_r / per_unit + (grid.scale - fit.refit.scale) * mean_q);
  }
  return fit;
}

fn add_up(sums: ptr<function, Sums>, above: vec4f, scale: f32, inverse: f32, per_unit: f32) {
  let q = nearest(above, inverse);
  let r = (above - scale * q) * per_unit;
  (*sums).rr += dot(r, r);
  (*sums).r += total(r);
  (*sums).q += total(q);
  (*sums).qq += dot(q, q);
  (*sums).qr += dot(q, r);
}

// The q of numbers so far above the offset.
fn nearest(above: vec4f, inverse: f32) -> vec4f {
  return round(clamp(above * inverse, vec4f(), vec4f(LEVELS)));
}

// A scale that rounded to nothing leaves q = 0.
fn inverse_scale(grid: Grid) -> f32 {
  if (abs(grid.scale) < 1e-38) { return 0.0; }
  return 1.0 / grid.scale;
}

// Columns i to i + 7 of a span, those past its end replaced. Rows are padded to eights, so they can be read.
fn eight(span: Span, i: u32, filler: f32) -> mat2x4f {
  let w = weights8(span.row, (span.first + i) / 8u);
  if (i + 8u <= span.count) { return w; }
  let column = vec4u(i) + vec4u(0u, 1u, 2u, 3u);
  return mat2x4f(
    select(vec4f(filler), w[0], column < vec4u(span.count)),
    select(vec4f(filler), w[1], column + 4u < vec4u(span.count)),
  );
}

fn total(v: vec4f) -> f32 {
  return v.x + v.y + v.z + v.w;
}
