// What both matmul kernels bind, and how they write y.
//
//   weights, groups  bindings 0 and 1, rows FIRST_ROW to FIRST_ROW + ROWS of the matrix
//   x                [T, K]   f32, binding 2
//   y                [T, N]   f32
//   residual         [T, N]   f32, read if RESIDUAL
//   bias             [N]      f32, read if BIAS
//   step             position, count: tokens at or past count are left alone
override ROWS: u32;
override FIRST_ROW: u32;
override N: u32;
override RESIDUAL: bool;
override BIAS: bool;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;
@group(0) @binding(6) var<storage, read> step: Step;

// One token's products with four rows of the block, `stride` apart from `row`; those there are.
fn finish4(token: u32, row: u32, stride: u32, sums: vec4f) {
  if (token >= step.count) { return; }
  finish(token, row, sums.x);
  finish(token, row + stride, sums.y);
  finish(token, row + 2u * stride, sums.z);
  finish(token, row + 3u * stride, sums.w);
}

fn finish(token: u32, row: u32, sum: f32) {
  if (row >= ROWS) { return; }
  let n = FIRST_ROW + row;
  let at = token * N + n;
  var value = sum;
  if (BIAS) { value += bias[n]; }
  if (RESIDUAL) { value += residual[at]; }
  y[at] = value;
}
