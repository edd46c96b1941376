// Many tokens through the experts chosen for each: the layout for GPUs, shared by both halves of an expert. Tiles are
// those of groupByExpert; an operands part says which rows of an expert a workgroup takes (w_row), which row of x an
// assignment meets (x_row), and what becomes of the products (finish4). Weights in any form, by way of weights8.
//
// Otherwise as matmul.wgsl: weights are decoded once into workgroup memory, TILE_K columns at a time, and each lane
// multiplies 4 x 4 x 4 blocks out of it. Workgroups of tiles that are not needed, or whose expert is in another buffer
// of the stack, return at once.
const LANES_N = TILE_N / 4u;   // lanes side by side along the rows of W; each takes every LANES_N-th row
const LANES_T = TILE_T / 4u;
const LANES = LANES_N * LANES_T;
const COLUMNS4 = TILE_K / 4u;
const PITCH = TILE_N + 1u;     // one vector more than a column of the tile, so that lanes that fill it miss each other's banks

var<workgroup> w_tile: array<vec4f, COLUMNS4 * PITCH>;    // [TILE_K / 4][TILE_N]
var<workgroup> x_tile: array<vec4f, TILE_T * COLUMNS4>;   // [TILE_T][TILE_K / 4]

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let tile = tiles[id.y];
  let expert = tile.x - here.first;   // wraps round below it
  if (tile.z == 0u || expert >= here.experts) { return; }   // the same in every lane, so the barriers stay uniform
  let n = lane % LANES_N;
  let t = 4u * (lane / LANES_N);

  var sums = mat4x4f();   // column: assignment, row: row of W
  for (var start8 = 0u; start8 < K8; start8 += TILE_K / 8u) {
    fill_w(expert * EXPERT_ROWS, id.x, start8, lane);
    fill_x(tile, start8, lane);
    workgroupBarrier();
    for (var k4 = 0u; k4 < COLUMNS4; k4++) {
      let w_at = k4 * PITCH + n;
      let w = mat4x4f(w_tile[w_at], w_tile[w_at + LANES_N], w_tile[w_at + 2u * LANES_N], w_tile[w_at + 3u * LANES_N]);
      let x_at = t * COLUMNS4 + k4;
      let rows = mat4x4f(
        x_tile[x_at], x_tile[x_at + COLUMNS4], x_tile[x_at + 2u * COLUMNS4], x_tile[x_at + 3u * COLUMNS4]);
      sums += transpose(w) * rows;
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u && t + i < tile.z; i++) {
    finish4(order[tile.y + t + i], id.x, n, sums[i]);
  }
}

// Neighbouring lanes take neighbouring words of a row. Columns past K8 are zero.
fn fill_w(first_row: u32, group: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_N * TILE_K / 8u; i += LANES) {
    let row = i / (TILE_K / 8u);
    let k8 = i % (TILE_K / 8u);
    var w = mat2x4f();
    if (start8 + k8 < K8) { w = weights8(first_row + w_row(group, row), start8 + k8); }
    w_tile[2u * k8 * PITCH + row] = w[0];
    w_tile[(2u * k8 + 1u) * PITCH + row] = w[1];
  }
}

// Rows past the tile's last are zero, as are columns past K.
fn fill_x(tile: vec4u, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_T * COLUMNS4; i += LANES) {
    let place = i / COLUMNS4;
    x_tile[i] = vec4f();
    if (place < tile.z) { x_tile[i] = x4(x_row(order[tile.y + place]), 8u * start8 + 4u * (i % COLUMNS4)); }
  }
}
