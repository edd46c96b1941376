// One token through a projection, the layout for adapters that are a CPU: each lane makes four rows of y by itself. There is nothing to wait for, and a
// barrier is what such an adapter does worst; on a GPU the lanes' words would lie a row apart, so matvec.wgsl is for those.
// The operands part is as there; x is not normed, since each lane would have to do it again.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = 4u * ((group.id.y * group.grid.x + group.id.x) * LANES + at.index);
  if (row >= ROWS) { return; }
  let rows = four_rows(row);
  var sums = vec4f();
  for (var k8 = 0u; k8 < K8; k8++) {
    sums += dot8(rows, k8, x4(0u, 8u * k8), x4(0u, 8u * k8 + 4u));
  }
  finish4(row, sums);
}
