// Weights, int8: eight columns are two words, the first in the lowest bits; w = scale * q + offset, q from 0 to 255.
override K8: u32;               // columns of a row, in eights; rows are padded to a whole one
override GROUP8: u32;           // columns that share a scale and an offset, in eights: eight columns never straddle two groups
override GROUPS_PER_ROW: u32;
@group(0) @binding(0) var<storage, read> weights: array<vec2u>;

fn bytes_of(word: u32) -> vec4f {
  return vec4f((vec4u(word) >> vec4u(0u, 8u, 16u, 24u)) & vec4u(255u));
}

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  let words = weights[row * K8 + k8];
  let affine = scale_and_offset(row * GROUPS_PER_ROW + k8 / GROUP8);
  return mat2x4f(affine.x * bytes_of(words.x) + affine.y, affine.x * bytes_of(words.y) + affine.y);
}

// The same columns times eight values of x, added up. The scale is applied once, after the sum.
fn dot8(row: u32, k8: u32, low: vec4f, high: vec4f) -> f32 {
  let words = weights[row * K8 + k8];
  let affine = scale_and_offset(row * GROUPS_PER_ROW + k8 / GROUP8);
  let products = dot(bytes_of(words.x), low) + dot(bytes_of(words.y), high);
  return affine.x * products + affine.y * dot(low + high, vec4f(1.0));
}
