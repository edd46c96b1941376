// matmul: Y = X W^T (+ residual) (+ bias), many tokens through a projection. Weights in any form, by way of weights8.
//
//   weights, groups  bindings 0 and 1, rows FIRST_ROW to FIRST_ROW + ROWS of the matrix
//   step             position, count: tokens at or past count are left alone
//   x                [T, K]   f32
//   y                [T, N]   f32
//   residual         [T, N]   f32, read if RESIDUAL
//   bias             [N]      f32, read if BIAS
//
// A workgroup makes TILE_T tokens x TILE_N rows of y, TILE_K columns at a time: the weights are decoded once into
// workgroup memory, then each lane multiplies 4 x 4 x 4 blocks out of it. Compute-bound.
override ROWS: u32;
override FIRST_ROW: u32;
override N: u32;
override K: u32;
override RESIDUAL: bool;
override BIAS: bool;
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read> x: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read> residual: array<f32>;
@group(0) @binding(6) var<storage, read> bias: array<f32>;

const LANES_N = TILE_N / 4u;   // lanes side by side along the rows of W; each takes every LANES_N-th row
const LANES_T = TILE_T / 4u;
const LANES = LANES_N * LANES_T;
const COLUMNS4 = TILE_K / 4u;
const PITCH = TILE_N + 1u;     // one vector more than a column of the tile, so that lanes that fill it miss each other's banks

var<workgroup> w_tile: array<vec4f, COLUMNS4 * PITCH>;    // [TILE_K / 4][TILE_N]
var<workgroup> x_tile: array<vec4f, TILE_T * COLUMNS4>;   // [TILE_T][TILE_K / 4]

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_token = id.y * TILE_T;
  if (first_token >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let first_row = id.x * TILE_N;
  let n = lane % LANES_N;
  let t = 4u * (lane / LANES_N);

  var sums = mat4x4f();   // column: token, row: row of W
  for (var start8 = 0u; start8 < K8; start8 += TILE_K / 8u) {
    fill_w(first_row, start8, lane);
    fill_x(first_token, start8, lane);
    workgroupBarrier();
    for (var k4 = 0u; k4 < COLUMNS4; k4++) {
      let w_at = k4 * PITCH + n;
      let w = mat4x4f(w_tile[w_at], w_tile[w_at + LANES_N], w_tile[w_at + 2u * LANES_N], w_tile[w_at + 3u * LANES_N]);
      let x_at = t * COLUMNS4 + k4;
      let tokens = mat4x4f(
        x_tile[x_at], x_tile[x_at + COLUMNS4], x_tile[x_at + 2u * COLUMNS4], x_tile[x_at + 3u * COLUMNS4]);
      sums += transpose(w) * tokens;
    }
    workgroupBarrier();
  }
  finish(first_token + t, first_row + n, sums[0]);
  finish(first_token + t + 1u, first_row + n, sums[1]);
  finish(first_token + t + 2u, first_row + n, sums[2]);
  finish(first_token + t + 3u, first_row + n, sums[3]);
}

// Neighbouring lanes take neighbouring words of a row. Rows past the last repeat it; columns past K8 are zero.
fn fill_w(first_row: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_N * TILE_K / 8u; i += LANES) {
    let row = i / (TILE_K / 8u);
    let k8 = i % (TILE_K / 8u);
    var w = mat2x4f();
    if (start8 + k8 < K8) { w = weights8(min(first_row + row, ROWS - 1u), start8 + k8); }
    w_tile[2u * k8 * PITCH + row] = w[0];
    w_tile[(2u * k8 + 1u) * PITCH + row] = w[1];
  }
}

fn fill_x(first_token: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_T * COLUMNS4; i += LANES) {
    let token = first_token + i / COLUMNS4;
    let k = 8u * start8 + 4u * (i % COLUMNS4);
    x_tile[i] = vec4f(x_or_zero(token, k), x_or_zero(token, k + 1u), x_or_zero(token, k + 2u), x_or_zero(token, k + 3u));
  }
}

fn x_or_zero(token: u32, k: u32) -> f32 {
  if (token >= step.count || k >= K) { return 0.0; }
  return x[token * K + k];
}

fn finish(token: u32, row: u32, values: vec4f) {
  if (token >= step.count) { return; }
  for (var i = 0u; i < 4u; i++) {
    let block_row = row + i * LANES_N;
    if (block_row >= ROWS) { return; }
    let at = token * N + FIRST_ROW + block_row;
    var value = values[i];
    if (BIAS) { value += bias[FIRST_ROW + block_row]; }
    if (RESIDUAL) { value += residual[at]; }
    y[at] = value;
  }
}
