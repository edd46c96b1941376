// Weights, bf16: eight columns are a vec4u, two to a word, the first in the low half. A bf16 is the upper half of an f32.
override K8: u32;   // columns of a row, in eights; rows are padded to a whole one
@group(0) @binding(0) var<storage, read> weights: array<vec4u>;

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  let words = weights[row * K8 + k8];
  let even = bitcast<vec4f>(words << vec4u(16u));
  let odd = bitcast<vec4f>(words & vec4u(0xffff0000u));
  return mat2x4f(vec4f(even.x, odd.x, even.y, odd.y), vec4f(even.z, odd.z, even.w, odd.w));
}

// The same columns times eight values of x, added up.
fn dot8(row: u32, k8: u32, low: vec4f, high: vec4f) -> f32 {
  let w = weights8(row, k8);
  return dot(w[0], low) + dot(w[1], high);
}
