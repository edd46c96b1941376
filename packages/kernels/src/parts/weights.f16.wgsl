// Weights, f16: eight columns are a vec4u, two to a word, the first in the low half. Exact without shader-f16.
override K8: u32;   // columns of a row, in eights; rows are padded to a whole one
@group(0) @binding(0) var<storage, read> weights: array<vec4u>;

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  let words = weights[row * K8 + k8];
  return mat2x4f(
    vec4f(unpack2x16float(words.x), unpack2x16float(words.y)),
    vec4f(unpack2x16float(words.z), unpack2x16float(words.w)),
  );
}

// The same columns times eight values of x, added up.
fn dot8(row: u32, k8: u32, low: vec4f, high: vec4f) -> f32 {
  let w = weights8(row, k8);
  return dot(w[0], low) + dot(w[1], high);
}
