// The input of a projection, K a multiple of 4: a row is whole vectors.
override K: u32;
@group(0) @binding(2) var<storage, read> x: array<vec4f>;   // [T, K]

// Four values of a row from k, a multiple of 4; zeros past K.
fn x4(row: u32, k: u32) -> vec4f {
  if (k >= K) { return vec4f(); }
  return x[(row * K + k) / 4u];
}
