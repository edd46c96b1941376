// matmul in f16, Y ~ X W^T: weights are decoded to f16 and x is rounded to it on the way into workgroup memory, products and sums of
// 32 columns are f16, and sums over those are f32. Many GPUs multiply f16 at twice the rate, and a tile takes half
// the room and half the reads. Needs shader-f16; for `precision: "fast"` only. Operands as in matmul-operands.wgsl.
//
// What f16 cannot hold is held to its greatest number: an activation past 65,504, or a sum of 32 products past it.
//
// A workgroup makes 64 tokens x 64 rows of y, 32 columns at a time; a lane eight tokens x eight rows.
const TILE = 64u;
const TILE_K8 = 4u;            // columns of a tile, in eights
const TILE_K4 = 2u * TILE_K8;
const LANES_N = 8u;            // lanes side by side along the rows of W; each takes every eighth row, and every eighth token
const LANES = 64u;
const PITCH = TILE + 1u;       // one vector more than a column of the tile, so that lanes that fill it miss each other's banks
const GREATEST = 65504.0;

var<workgroup> w_tile: array<vec4h, TILE_K4 * PITCH>;   // [TILE_K / 4][TILE]
var<workgroup> x_tile: array<vec4h, TILE_K4 * PITCH>;

@compute @workgroup_size(LANES)
fn main(@builtin(workgroup_id) id: vec3u, @builtin(local_invocation_index) lane: u32) {
  let first_token = id.y * TILE;
  if (first_token >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let first_row = id.x * TILE;
  let n = lane % LANES_N;
  let t = lane / LANES_N;

  // Four blocks of four tokens (columns) x four rows of W, as in matmul-packed.wgsl.
  var near_near = mat4x4f();
  var near_far = mat4x4f();
  var far_near = mat4x4f();
  var far_far = mat4x4f();
  for (var start8 = slice_begin(id.z); start8 < slice_end(id.z); start8 += TILE_K8) {
    fill(first_row, first_token, start8, lane);
    workgroupBarrier();
    var near_near_32 = mat4x4h();
    var near_far_32 = mat4x4h();
    var far_near_32 = mat4x4h();
    var far_far_32 = mat4x4h();
    for (var k4 = 0u; k4 < TILE_K4; k4++) {
      let near_w = transpose(four_of_w(k4 * PITCH + n));
      let far_w = transpose(four_of_w(k4 * PITCH + n + 4u * LANES_N));
      let near_x = four_of_x(k4 * PITCH + t);
      let far_x = four_of_x(k4 * PITCH + t + 4u * LANES_N);
      near_near_32 += near_w * near_x;
      near_far_32 += near_w * far_x;
      far_near_32 += far_w * near_x;
      far_far_32 += far_w * far_x;
    }
    near_near += widened(near_near_32);
    near_far += widened(near_far_32);
    far_near += widened(far_near_32);
    far_far += widened(far_far_32);
    workgroupBarrier();
  }
  let token = first_token + t;
  let row = first_row + n;
  finish16(id.z, token, LANES_N, row, LANES_N, near_near);
  finish16(id.z, token, LANES_N, row + 4u * LANES_N, LANES_N, far_near);
  finish16(id.z, token + 4u * LANES_N, LANES_N, row, LANES_N, near_far);
  finish16(id.z, token + 4u * LANES_N, LANES_N, row + 4u * LANES_N, LANES_N, far_far);
}

// Sums of 32 products; one that f16 could not hold counts as the greatest it can.
fn widened(sums: mat4x4h) -> mat4x4f {
  return mat4x4f(held(vec4f(sums[0])), held(vec4f(sums[1])), held(vec4f(sums[2])), held(vec4f(sums[3])));
}

fn held(values: vec4f) -> vec4f {
  return clamp(values, vec4f(-GREATEST), vec4f(GREATEST));
}

// Four columns of four rows of the tile, LANES_N apart.
fn four_of_w(at: u32) -> mat4x4h {
  return mat4x4h(w_tile[at], w_tile[at + LANES_N], w_tile[at + 2u * LANES_N], w_tile[at + 3u * LANES_N]);
}

fn four_of_x(at: u32) -> mat4x4h {
  return mat4x4h(x_tile[at], x_tile[at + LANES_N], x_tile[at + 2u * LANES_N], x_tile[at + 3u * LANES_N]);
}

// Neighbouring lanes take neighbouring words of a row. Rows past the last repeat it, as do tokens; neither is written. Columns past K8 are zero.
fn fill(first_row: u32, first_token: u32, start8: u32, lane: u32) {
  for (var i = lane; i < TILE * TILE_K8; i += LANES) {
    let row = i / TILE_K8;
    let k8 = start8 + i % TILE_K8;
    let at = 2u * (i % TILE_K8) * PITCH + row;
    var w = mat2x4f();
    if (k8 < K8) { w = weights8(min(first_row + row, ROWS - 1u), k8); }
    w_tile[at] = vec4h(w[0]);
    w_tile[at + PITCH] = vec4h(w[1]);
    let token = min(first_token + row, step.count - 1u);
    x_tile[at] = vec4h(held(x4(token, 8u * k8)));
    x_tile[at + PITCH] = vec4h(held(x4(token, 8u * k8 + 4u)));
  }
}
