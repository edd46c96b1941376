// rmsNorm: y = x / sqrt(mean(x^2) + eps) * (weight + UNIT_OFFSET), each row on its own.
//
//   step    position, count
//   x       [T, rows_per_token, WIDTH]   f32
//   weight  [WIDTH]                      f32
//   y       [T, rows_per_token, WIDTH]   f32
//
// A token is one row, or one for each head where queries and keys are normed.
// UNIT_OFFSET is 0 for Llama's norm and 1 for Gemma's, whose weights are stored as differences from one.
// One workgroup a row. Bandwidth-bound: 8 * WIDTH bytes a row.
struct Sizes { rows_per_token: u32 }

override WIDTH: u32;
override EPS: f32;
override UNIT_OFFSET: f32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.y * group.grid.x + group.id.x;
  if (row >= step.count * sizes.rows_per_token) { return; }   // the same in every lane, so the barriers stay uniform
  let start = row * WIDTH;
  var squares = 0.0;
  for (var i = at.index; i < WIDTH; i += LANES) {
    squares += x[start + i] * x[start + i];
  }
  let scale = inverseSqrt(sum_lanes(squares, at) / f32(WIDTH) + EPS);
  for (var i = at.index; i < WIDTH; i += LANES) {
    y[start + i] = x[start + i] * scale * (weight[i] + UNIT_OFFSET);
  }
}
