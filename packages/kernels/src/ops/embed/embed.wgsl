// embed: y[t] = SCALE * W[ids[t]], the rows of an embedding matrix in any form, by way of weights8.
//
//   weights, groups  bindings 0 and 1, rows FIRST_ROW to FIRST_ROW + ROWS of the matrix
//   step             position, count: tokens at or past count are left alone
//   ids              [T]      u32
//   y                [T, K]   f32
//
// One workgroup a token. An id of another block is left to that block's dispatch; FIRST_ROW 0 also answers for ids that
// no block has, with zeros.
override ROWS: u32;
override FIRST_ROW: u32;
override N: u32;
override K: u32;
override SCALE: f32;
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read> ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let token = group.id.y * group.grid.x + group.id.x;
  if (token >= step.count) { return; }
  let id = ids[token];
  let here = id >= FIRST_ROW && id - FIRST_ROW < ROWS;
  let nowhere = id >= N && FIRST_ROW == 0u;
  if (!here && !nowhere) { return; }
  for (var k8 = at.index; k8 < K8; k8 += LANES) {
    var values = mat2x4f();
    if (here) { values = SCALE * weights8(id - FIRST_ROW, k8); }
    for (var i = 0u; i < min(8u, K - 8u * k8); i++) {
      y[token * K + 8u * k8 + i] = values[i / 4u][i % 4u];
    }
  }
}
