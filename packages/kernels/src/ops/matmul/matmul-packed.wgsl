// matmul for quantised weights in larger tiles: a workgroup keeps them packed in workgroup memory, where a tile of int4 takes an eighth
// of what matmul.wgsl's does, and each lane makes eight tokens x eight rows of y. A weight is decoded again by each of the
// TILE_T / 8 lanes that use it, for eight products each time. The operands are those of matmul-operands.wgsl.
const TILE_T = 64u;
const TILE_K8 = 4u;               // columns of a tile, in eights
const TILE_K4 = 2u * TILE_K8;
const LANES_T = TILE_T / 8u;
const LANES_N = TILE_N / 8u;      // lanes side by side along the rows of W; each takes every LANES_N-th row
const LANES = LANES_T * LANES_N;
const PITCH = TILE_T + 1u;        // one vector more than a column of the tile, so that lanes that fill it miss each other's banks

var<workgroup> w_tile: array<Packed8, TILE_K8 * TILE_N>;   // [TILE_K / 8][TILE_N]
var<workgroup> affine_tile: array<vec2f, TILE_K8 * TILE_N>;
var<workgroup> x_tile: array<vec4f, TILE_K4 * PITCH>;      // [TILE_K / 4][TILE_T]

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_token = id.y * TILE_T;
  if (first_token >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let first_row = id.x * TILE_N;
  let n = lane % LANES_N;
  let t = lane / LANES_N;

  // Four blocks of four tokens (columns) x four rows of W. Named one by one: an array might not stay in registers.
  var near_near = mat4x4f();
  var near_far = mat4x4f();
  var far_near = mat4x4f();
  var far_far = mat4x4f();
  for (var start8 = slice_begin(id.z); start8 < slice_end(id.z); start8 += TILE_K8) {
    fill_w(first_row, start8, lane);
    fill_x(first_token, start8, lane);
    workgroupBarrier();
    for (var k8 = 0u; k8 < TILE_K8; k8++) {
      let w_at = k8 * TILE_N + n;
      let x_at = 2u * k8 * PITCH + t;
      let near_low = low_of_four(w_at);
      let far_low = low_of_four(w_at + 4u * LANES_N);
      let x_near_low = four_tokens(x_at);
      let x_far_low = four_tokens(x_at + 4u * LANES_T);
      near_near += near_low * x_near_low;
      near_far += near_low * x_far_low;
      far_near += far_low * x_near_low;
      far_far += far_low * x_far_low;
      let near_high = high_of_four(w_at);
      let far_high = high_of_four(w_at + 4u * LANES_N);
      let x_near_high = four_tokens(x_at + PITCH);
      let x_far_high = four_tokens(x_at + PITCH + 4u * LANES_T);
      near_near += near_high * x_near_high;
      near_far += near_high * x_far_high;
      far_near += far_high * x_near_high;
      far_far += far_high * x_far_high;
    }
    workgroupBarrier();
  }
  let token = first_token + t;
  let row = first_row + n;
  finish16(id.z, token, LANES_T, row, LANES_N, near_near);
  finish16(id.z, token, LANES_T, row + 4u * LANES_N, LANES_N, far_near);
  finish16(id.z, token + 4u * LANES_T, LANES_T, row, LANES_N, near_far);
  finish16(id.z, token + 4u * LANES_T, LANES_T, row + 4u * LANES_N, LANES_N, far_far);
}

// Four columns of four rows of the tile, LANES_N apart: transposed, so that times x it gives a value for each row.
fn low_of_four(at: u32) -> mat4x4f {
  return transpose(mat4x4f(
    unpacked_low(w_tile[at], affine_tile[at]),
    unpacked_low(w_tile[at + LANES_N], affine_tile[at + LANES_N]),
    unpacked_low(w_tile[at + 2u * LANES_N], affine_tile[at + 2u * LANES_N]),
    unpacked_low(w_tile[at + 3u * LANES_N], affine_tile[at + 3u * LANES_N])));
}

fn high_of_four(at: u32) -> mat4x4f {
  return transpose(mat4x4f(
    unpacked_high(w_tile[at], affine_tile[at]),
    unpacked_high(w_tile[at + LANES_N], affine_tile[at + LANES_N]),
    unpacked_high(w_tile[at + 2u * LANES_N], affine_tile[at + 2u * LANES_N]),
    unpacked_high(w_tile[at + 3u * LANES_N], affine_tile[at + 3u * LANES_N])));
}

// Four columns of four tokens of the tile, LANES_T apart.
fn four_tokens(at: u32) -> mat4x4f {
  return mat4x4f(x_tile[at], x_tile[at + LANES_T], x_tile[at + 2u * LANES_T], x_tile[at + 3u * LANES_T]);
}

// Neighbouring lanes take neighbouring words of a row. Rows past the last repeat it; columns past K8 are zero.
fn fill_w(first_row: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_K8 * TILE_N; i += LANES) {
    let row = min(first_row + i / TILE_K8, ROWS - 1u);
    let k8 = start8 + i % TILE_K8;
    let at = i % TILE_K8 * TILE_N + i / TILE_K8;
    w_tile[at] = packed8(row, min(k8, K8 - 1u));
    affine_tile[at] = select(vec2f(), scale_and_offset(row * GROUPS_PER_ROW + min(k8, K8 - 1u) / GROUP8), k8 < K8);
  }
}

// Tokens past the last are zero, as are columns past K.
fn fill_x(first_token: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE_T * TILE_K4; i += LANES) {
    let row = i / TILE_K4;
    let k4 = i % TILE_K4;
    var values = vec4f();
    if (first_token + row < step.count) { values = x4(first_token + row, 8u * start8 + 4u * k4); }
    x_tile[k4 * PITCH + row] = values;
  }
}
