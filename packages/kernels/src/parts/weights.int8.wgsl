// Weights, int8: eight columns are two words, the first in the lowest bits; w = scale * q + offset, q from 0 to 255.
//
// As in int4, a byte is masked where it stands and its place value is divided out, which is exact.
override K8: u32;               // columns of a row, in eights; rows are padded to a whole one
override GROUP8: u32;           // columns that share a scale and an offset, in eights: eight columns never straddle two groups
override GROUPS_PER_ROW: u32;
@group(0) @binding(0) var<storage, read> weights: array<vec2u>;

const ONE_PLACE = vec4f(1.0, 0.00390625, 1.0, 0.00390625);

// The bytes of a word; the second and the fourth times 256.
fn placed_bytes(word: u32) -> vec4f {
  let halves = vec4u(word, word, word >> 16u, word >> 16u);
  return vec4f(vec4i(halves & vec4u(0xffu, 0xff00u, 0xffu, 0xff00u)));
}

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  return weights8_of(row, k8, scale_and_offset(row * GROUPS_PER_ROW + k8 / GROUP8));
}

// The same, where the scale and the offset are known already: they change only where a group begins.
fn weights8_of(row: u32, k8: u32, affine: vec2f) -> mat2x4f {
  let words = weights[row * K8 + k8];
  let scale = affine.x * ONE_PLACE;
  return mat2x4f(placed_bytes(words.x) * scale + affine.y, placed_bytes(words.y) * scale + affine.y);
}

fn group_begins(k8: u32) -> bool { return k8 % GROUP8 == 0u; }

// The same columns of four rows, each times eight values of x and added up: scale * (q . x) + offset * (1 . x).
fn dot8(rows: vec4u, k8: u32, low: vec4f, high: vec4f) -> vec4f {
  let affine = scales_and_offsets(rows, k8);
  return affine[0] * placed_dot8(rows, k8, low * ONE_PLACE, high * ONE_PLACE) + affine[1] * dot(low + high, vec4f(1.0));
}

// q . x alone, of values of x that are already times ONE_PLACE.
fn placed_dot8(rows: vec4u, k8: u32, low: vec4f, high: vec4f) -> vec4f {
  let at = rows * K8 + k8;
  let a = weights[at.x];
  let b = weights[at.y];
  let c = weights[at.z];
  let d = weights[at.w];
  return low * mat4x4f(placed_bytes(a.x), placed_bytes(b.x), placed_bytes(c.x), placed_bytes(d.x))
    + high * mat4x4f(placed_bytes(a.y), placed_bytes(b.y), placed_bytes(c.y), placed_bytes(d.y));
}

// The scales of four rows in eight columns, and their offsets.
fn scales_and_offsets(rows: vec4u, k8: u32) -> mat2x4f {
  let starts = rows * GROUPS_PER_ROW + k8 / GROUP8;
  return transpose(mat4x2f(
    scale_and_offset(starts.x), scale_and_offset(starts.y), scale_and_offset(starts.z), scale_and_offset(starts.w)));
}
