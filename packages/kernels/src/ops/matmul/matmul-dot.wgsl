// matmul with rounded activations, Y ~ X W^T: integer dot products of four bytes at a time, which many GPUs do at four times the rate
// of f32. x was rounded by roundRows; the weights keep every bit. Exact within 32 columns, which share their scales; sums
// over them are f32. For int4 and int8 in groups of whole 32s, and `precision: "fast"` only. Operands as in matmul-operands.wgsl, and
//
//   x_bytes   [T, K / 32, 8]   u32, binding 2
//   x_scales  [T, K / 32, 2]   f32: scale, and scale times the sum of the bytes
//
// A workgroup makes 64 tokens x 64 rows of y, 32 columns at a time; a lane four tokens x eight rows.
const TILE = 64u;
const LANES_N = 8u;    // lanes side by side along the rows of W; each takes every eighth row
const LANES_T = 16u;   // and every sixteenth token
const LANES = LANES_N * LANES_T;
override K: u32;
@group(0) @binding(2) var<storage, read> x_bytes: array<vec4u>;
@group(0) @binding(7) var<storage, read> x_scales: array<vec2f>;

var<workgroup> w_tile: array<vec4u, 2u * TILE>;       // [2][TILE]: 16 columns of each row, then the other 16
var<workgroup> affine_tile: array<vec2f, TILE>;       // scale, and what a byte of 0 stands for
var<workgroup> x_tile: array<vec4u, 2u * TILE>;       // [2][TILE]
var<workgroup> x_scale_tile: array<vec2f, TILE>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_token = id.y * TILE;
  if (first_token >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let first_row = id.x * TILE;
  let n = lane % LANES_N;
  let t = lane / LANES_N;

  var near = mat4x4f();   // column: token, row: row of W; the lane's first four rows
  var far = mat4x4f();    // and its other four
  for (var k32 = 0u; k32 < K / 32u; k32++) {
    fill(first_row, first_token, k32, lane);
    workgroupBarrier();
    let near_affine = affine_of_four(n);
    let far_affine = affine_of_four(n + 4u * LANES_N);
    let near_w = bytes_of_four(n);
    let near_w_rest = bytes_of_four(n + TILE);
    let far_w = bytes_of_four(n + 4u * LANES_N);
    let far_w_rest = bytes_of_four(n + 4u * LANES_N + TILE);
    let x0 = x_scale_tile[t];
    let x1 = x_scale_tile[t + LANES_T];
    let x2 = x_scale_tile[t + 2u * LANES_T];
    let x3 = x_scale_tile[t + 3u * LANES_T];
    near += mat4x4f(
      scaled(near_affine, x0, near_w, near_w_rest, t), scaled(near_affine, x1, near_w, near_w_rest, t + LANES_T),
      scaled(near_affine, x2, near_w, near_w_rest, t + 2u * LANES_T), scaled(near_affine, x3, near_w, near_w_rest, t + 3u * LANES_T));
    far += mat4x4f(
      scaled(far_affine, x0, far_w, far_w_rest, t), scaled(far_affine, x1, far_w, far_w_rest, t + LANES_T),
      scaled(far_affine, x2, far_w, far_w_rest, t + 2u * LANES_T), scaled(far_affine, x3, far_w, far_w_rest, t + 3u * LANES_T));
    workgroupBarrier();
  }
  finish16(0u, first_token + t, LANES_T, first_row + n, LANES_N, near);
  finish16(0u, first_token + t, LANES_T, first_row + n + 4u * LANES_N, LANES_N, far);
}

struct FourRows { a: vec4u, b: vec4u, c: vec4u, d: vec4u }

fn bytes_of_four(at: u32) -> FourRows {
  return FourRows(w_tile[at], w_tile[at + LANES_N], w_tile[at + 2u * LANES_N], w_tile[at + 3u * LANES_N]);
}

fn affine_of_four(at: u32) -> mat2x4f {
  return transpose(mat4x2f(
    affine_tile[at], affine_tile[at + LANES_N], affine_tile[at + 2u * LANES_N], affine_tile[at + 3u * LANES_N]));
}

// A token's products with four rows in 32 columns: scale * x_scale * (bytes . x_bytes) + zero * x_scale * (1 . x_bytes).
fn scaled(affine: mat2x4f, x_scale: vec2f, w: FourRows, rest: FourRows, token: u32) -> vec4f {
  let x = x_tile[token];
  let x_rest = x_tile[token + TILE];
  let dots = vec4i(
    dot16(w.a, x) + dot16(rest.a, x_rest), dot16(w.b, x) + dot16(rest.b, x_rest),
    dot16(w.c, x) + dot16(rest.c, x_rest), dot16(w.d, x) + dot16(rest.d, x_rest));
  return affine[0] * (x_scale.x * vec4f(dots)) + affine[1] * x_scale.y;
}

fn dot16(a: vec4u, b: vec4u) -> i32 {
  return dot4I8Packed(a.x, b.x) + dot4I8Packed(a.y, b.y) + dot4I8Packed(a.z, b.z) + dot4I8Packed(a.w, b.w);
}

// Rows past the last repeat it, as do tokens; neither is written.
fn fill(first_row: u32, first_token: u32, k32: u32, lane: u32) {
  let i = lane / 2u;      // LANES is 2 * TILE: two lanes a row, and a token
  let half = lane % 2u;
  let row = min(first_row + i, ROWS - 1u);
  w_tile[half * TILE + i] = bytes16(row, 4u * k32 + 2u * half);
  let group = min(first_token + i, step.count - 1u) * (K / 32u) + k32;
  x_tile[half * TILE + i] = x_bytes[2u * group + half];
  if (half == 0u) {
    let affine = scale_and_offset(row * GROUPS_PER_ROW + 4u * k32 / GROUP8);
    affine_tile[i] = vec2f(affine.x, affine.y + BYTE_ZERO * affine.x);
    x_scale_tile[i] = x_scales[group];
  }
}
