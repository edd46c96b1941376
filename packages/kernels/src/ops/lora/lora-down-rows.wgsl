// lora, first half, for adapters that are a CPU: each lane makes a number by itself, since a barrier is what such an
// adapter does worst. Bindings as in lora-down.wgsl.
struct Sizes { width: u32, ranks: u32 }

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> scales: array<f32>;
@group(0) @binding(4) var<storage, read_write> inner: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let rank = group.id.x * LANES + at.index;
  let token = group.id.y;
  if (rank >= sizes.ranks || token >= step.count) { return; }
  var sum = 0.0;
  for (var k = 0u; k < sizes.width; k++) { sum += a[rank * sizes.width + k] * x[token * sizes.width + k]; }
  inner[token * sizes.ranks + rank] = scales[rank] * sum;
}
