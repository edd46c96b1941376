// Weights, int4: eight columns are a word, the first in its lowest bits; w = scale * q + offset.
//
// A nibble is never shifted down: it is masked where it stands, which gives q times its place value, and the place
// value is divided out by a power of two, which is exact.
override K8: u32;               // columns of a row, in eights; rows are padded to a whole one
override GROUP8: u32;           // columns that share a scale and an offset, in eights: a word never straddles two groups
override GROUPS_PER_ROW: u32;
@group(0) @binding(0) var<storage, read> weights: array<u32>;

const ONE_PLACE = vec4f(1.0, 0.0625, 0.00390625, 0.000244140625);

// The four lowest nibbles of a word, each times its place value.
fn placed_nibbles(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) & vec4u(0xfu, 0xf0u, 0xf00u, 0xf000u)));
}

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  return weights8_of(row, k8, scale_and_offset(row * GROUPS_PER_ROW + k8 / GROUP8));
}

// The same, where the scale and the offset are known already: they change only where a group begins.
fn weights8_of(row: u32, k8: u32, affine: vec2f) -> mat2x4f {
  let word = weights[row * K8 + k8];
  let scale = affine.x * ONE_PLACE;
  return mat2x4f(placed_nibbles(word) * scale + affine.y, placed_nibbles(word >> 16u) * scale + affine.y);
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
  let words = vec4u(weights[at.x], weights[at.y], weights[at.z], weights[at.w]);
  let upper = words >> vec4u(16u);
  return low * mat4x4f(
      placed_nibbles(words.x), placed_nibbles(words.y), placed_nibbles(words.z), placed_nibbles(words.w))
    + high * mat4x4f(
      placed_nibbles(upper.x), placed_nibbles(upper.y), placed_nibbles(upper.z), placed_nibbles(upper.w));
}

// The scales of four rows in eight columns, and their offsets.
fn scales_and_offsets(rows: vec4u, k8: u32) -> mat2x4f {
  let starts = rows * GROUPS_PER_ROW + k8 / GROUP8;
  return transpose(mat4x2f(
    scale_and_offset(starts.x), scale_and_offset(starts.y), scale_and_offset(starts.z), scale_and_offset(starts.w)));
}
