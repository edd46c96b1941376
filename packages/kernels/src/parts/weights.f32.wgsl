// Weights, f32: eight columns are two vec4f. The other bodies have the same signatures.
override K8: u32;   // columns of a row, in eights; rows are padded to a whole one
@group(0) @binding(0) var<storage, read> weights: array<vec4f>;

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  let at = 2u * (row * K8 + k8);
  return mat2x4f(weights[at], weights[at + 1u]);
}

// The same columns times eight values of x, added up.
fn dot8(row: u32, k8: u32, low: vec4f, high: vec4f) -> f32 {
  let w = weights8(row, k8);
  return dot(w[0], low) + dot(w[1], high);
}
