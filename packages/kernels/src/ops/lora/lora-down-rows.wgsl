// lora, first half, for adapters that are a CPU: each lane makes a number by itself, since a barrier is what such an
// adapter does worst. The operands are those of lora-down-operands.wgsl.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let rank = group.id.x * LANES + at.index;
  let token = group.id.y;
  if (rank >= sizes.ranks || token >= step.count) { return; }
  var sum = 0.0;
  for (var k = 0u; k < sizes.width; k++) { sum += a[rank * sizes.width + k] * x[token * sizes.width + k]; }
  inner[token * sizes.ranks + rank] = scales[rank] * sum;
}
