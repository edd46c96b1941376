// matmul where a workgroup goes through all of K: there is one slice, and its products are y.
//
//   y         [T, N]   f32
//   residual  [T, N]   f32, read if RESIDUAL
//   bias      [N]      f32, read if BIAS
override RESIDUAL: bool;
override BIAS: bool;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read> bias: array<f32>;

// The columns of a slice, in eights: from the first up to `slice_end`.
fn slice_begin(slice: u32) -> u32 { return 0u; }

fn slice_end(slice: u32) -> u32 { return K8; }

fn finish(slice: u32, token: u32, row: u32, sum: f32) {
  if (row >= ROWS) { return; }
  let n = FIRST_ROW + row;
  let at = token * N + n;
  var value = sum;
  if (BIAS) { value += bias[n]; }
  if (RESIDUAL) { value += residual[at]; }
  y[at] = value;
}
