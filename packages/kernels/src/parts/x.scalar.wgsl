// The input of a projection, any K: a row may begin in the middle of a vector.
override K: u32;
@group(0) @binding(2) var<storage, read> x: array<f32>;   // [T, K]

// Four values of a row from k, a multiple of 4; zeros past K.
fn x4(row: u32, k: u32) -> vec4f {
  let columns = vec4u(k) + vec4u(0u, 1u, 2u, 3u);
  let at = row * K + min(columns, vec4u(K - 1u));
  return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), columns < vec4u(K));
}
