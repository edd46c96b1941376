// lora, first half: inner = scales * (A x), for every adapter of a projection at once.
//
//   step    position, count
//   x       [T, width]       f32   the projection's input
//   a       [ranks, width]   f32   the A of all adapters, one below the other
//   scales  [ranks]          f32   alpha / r times the adapter's weight
//   inner   [T, ranks]       f32
//
// A workgroup makes one number. Bandwidth-bound on A; ranks are few.
struct Sizes { width: u32, ranks: u32 }

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> scales: array<f32>;
@group(0) @binding(4) var<storage, read_write> inner: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

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
