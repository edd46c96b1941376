// matmul: Y = X W^T (+ residual) (+ bias), many tokens through a projection. Weights in any form, by way of weights8;
// the operands are those of matmul-operands.wgsl.
//
// A workgroup makes TILE_T tokens x TILE_N rows of y, TILE_K columns at a time: the weights are decoded once into
// workgroup memory, then each lane multiplies 4 x 4 x 4 blocks out of it. Compute-bound.
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
  for (var start8 = slice_begin(id.z); start8 < slice_end(id.z); start8 += TILE_K / 8u) {
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
  for (var i = 0u; i < 4u; i++) { finish4(id.z, first_token + t + i, first_row + n, LANES_N, sums[i]); }
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

// Tokens past the last are zero, as are columns past K.
fn fill_x(first_token: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_T * COLUMNS4; i += LANES) {
    let token = first_token + i / COLUMNS4;
    x_tile[i] = vec4f();
    if (token < step.count) { x_tile[i] = x4(token, 8u * start8 + 4u * (i % COLUMNS4)); }
  }
}
