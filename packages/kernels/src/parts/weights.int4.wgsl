// Weights, int4: eight columns are a word, the first in its lowest bits; w = scale * q + offset.
override K8: u32;               // columns of a row, in eights; rows are padded to a whole one
override GROUP8: u32;           // columns that share a scale and an offset, in eights: a word never straddles two groups
override GROUPS_PER_ROW: u32;
@group(0) @binding(0) var<storage, read> weights: array<u32>;

fn low_nibbles(word: u32) -> vec4f {
  return vec4f((vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u));
}

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  let word = weights[row * K8 + k8];
  let affine = scale_and_offset(row * GROUPS_PER_ROW + k8 / GROUP8);
  return mat2x4f(
    affine.x * low_nibbles(word) + affine.y,
    affine.x * low_nibbles(word >> 16u) + affine.y,
  );
}

// The same columns times eight values of x, added up. The scale is applied once, after the sum.
fn dot8(row: u32, k8: u32, low: vec4f, high: vec4f) -> f32 {
  let word = weights[row * K8 + k8];
  let affine = scale_and_offset(row * GROUPS_PER_ROW + k8 / GROUP8);
  let products = dot(low_nibbles(word), low) + dot(low_nibbles(word >> 16u), high);
  return affine.x * products + affine.y * dot(low + high, vec4f(1.0));
}
