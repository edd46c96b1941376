// dequantise: a matrix in any form becomes plain f32 without padding, y = scale * q + offset for the packed forms.
//
//   weights, groups  bindings 0 and 1 through the weights.*.wgsl parts
//   y                [rows, K]  f32
//
// One lane for eight columns. Bandwidth-bound: 4 bytes written a number.
override K: u32;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  let row = index / K8;
  if (row >= arrayLength(&y) / K) { return; }
  let w = weights8(row, index % K8);
  let first = index % K8 * 8u;
  for (var i = 0u; i < min(8u, K - first); i++) { y[row * K + first + i] = w[i / 4u][i % 4u]; }
}
