// gateUp: y = activate(gate x) * (up x), both projections of a gated MLP and the gate itself.
//
//   weights, groups  bindings 0 and 1: WIDTH rows of gate, then WIDTH rows of up
//   x                [K]        f32, binding 2
//   extra            [K] the norm's weight, or [2 WIDTH] the bias   f32
//   y                [WIDTH]    f32
//
// Four rows are two of gate and their two of up.
override ROWS: u32;    // 4 * ceil(WIDTH / 2): the layouts count four rows to two results
override WIDTH: u32;
override BIAS: bool;
@group(0) @binding(3) var<storage, read> extra: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

fn norm_weight4(k: u32) -> vec4f {
  let columns = min(vec4u(k) + vec4u(0u, 1u, 2u, 3u), vec4u(K - 1u));
  return vec4f(extra[columns.x], extra[columns.y], extra[columns.z], extra[columns.w]);
}

fn four_rows(row: u32) -> vec4u {
  let first = min(row / 2u, WIDTH - 1u);
  let second = min(first + 1u, WIDTH - 1u);
  return vec4u(first, second, WIDTH + first, WIDTH + second);
}

fn finish4(row: u32, sums: vec4f) {
  if (row >= ROWS) { return; }
  let rows = four_rows(row);
  var values = sums;
  if (BIAS) { values += vec4f(extra[rows.x], extra[rows.y], extra[rows.z], extra[rows.w]); }
  y[rows.x] = activate(values.x) * values.z;
  if (rows.y > rows.x) { y[rows.y] = activate(values.y) * values.w; }
}
