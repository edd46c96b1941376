// lora, first half: a workgroup makes one number. Bandwidth-bound on A; ranks are few. The operands are those of
// lora-down-operands.wgsl.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let rank = group.id.x;
  let token = group.id.y;
  if (token >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  var sum = 0.0;
  for (var k = at.index; k < sizes.width; k += LANES) {
    sum += a[rank * sizes.width + k] * x[token * sizes.width + k];
  }
  let total = sum_lanes(sum, at);
  if (at.index == 0u) { inner[token * sizes.ranks + rank] = scales[rank] * total; }
}
