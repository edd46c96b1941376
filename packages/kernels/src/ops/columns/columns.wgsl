// columns: y[t] = x[t][from .. from + width], one of several results that a merged projection left side by side.
//
//   step    position, count
//   x       [T, x_width]   f32
//   y       [T, width]     f32
//
// A workgroup takes SPAN elements of one row of y. Bandwidth-bound: 8 bytes an element.
struct Sizes { x_width: u32, start: u32, width: u32 }

override SPAN: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let chunks = (sizes.width + SPAN - 1u) / SPAN;
  let row = id / chunks;
  if (row >= step.count) { return; }
  let first = (id % chunks) * SPAN;
  for (var i = first + at.index; i < min(first + SPAN, sizes.width); i += LANES) {
    y[row * sizes.width + i] = x[row * sizes.x_width + sizes.start + i];
  }
}
