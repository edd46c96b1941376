// One token through the experts chosen for it, the layout for adapters that are a CPU: each lane makes four rows by
// itself, without a barrier. The operands parts and the rest are as for expert-matvec.wgsl.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let slot = id / WORKGROUPS * SLOTS;
  let row = 4u * ((id % WORKGROUPS) * LANES + at.index);
  if (slot >= TOP_K || row >= ROWS) { return; }
  var sums = vec4f();
  var found = begins();
  for (var i = slot; i < slot + SLOTS; i++) {
    let expert = choices[i].expert - here.first;
    if (expert >= here.experts) { continue; }
    found = true;
    let rows = expert * EXPERT_ROWS + four_rows(row);
    for (var k8 = 0u; k8 < K8; k8++) {
      sums += dot8(rows, k8, x4(x_row(i), 8u * k8), x4(x_row(i), 8u * k8 + 4u));
    }
  }
  if (found) { finish4(slot, row, sums); }
}
