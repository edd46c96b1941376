// matvec: y = W x (+ residual) (+ bias). What both layouts bind, and how they write y.
//
//   weights, groups  bindings 0 and 1, rows FIRST_ROW to FIRST_ROW + ROWS of the matrix
//   x                [K]   f32, binding 2
//   y                [N]   f32
//   residual         [N]   f32, read if RESIDUAL
//   bias             [N]   f32, read if BIAS
override ROWS: u32;
override FIRST_ROW: u32;
override RESIDUAL: bool;
override BIAS: bool;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> norm_weight: array<f32>;

fn norm_weight4(k: u32) -> vec4f {
  let columns = min(vec4u(k) + vec4u(0u, 1u, 2u, 3u), vec4u(K - 1u));
  return vec4f(norm_weight[columns.x], norm_weight[columns.y], norm_weight[columns.z], norm_weight[columns.w]);
}

// Four rows of the block from `row`; past the last they repeat it, so that what is read is always there.
fn four_rows(row: u32) -> vec4u {
  return min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(ROWS - 1u));
}

// The products of four rows of the block from `row`, those there are.
fn finish4(row: u32, sums: vec4f) {
  finish(row, sums.x);
  finish(row + 1u, sums.y);
  finish(row + 2u, sums.z);
  finish(row + 3u, sums.w);
}

fn finish(row: u32, sum: f32) {
  if (row >= ROWS) { return; }
  let n = FIRST_ROW + row;
  var value = sum;
  if (BIAS) { value += bias[n]; }
  if (RESIDUAL) { value += residual[n]; }
  y[n] = value;
}
