// columns: y[t] = x[t][from .. from + width], one of several results that a merged projection left side by side.
//
//   step    position, count
//   x       [T, x_width]   f32
//   y       [T, width]     f32
//
// A workgroup takes a chunk of a row of y. Bandwidth-bound: 8 bytes an element.
struct Sizes { x_width: u32, start: u32, width: u32 }

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let chunk = chunk_of(group, sizes.width);
  if (chunk.row >= step.count) { return; }
  let row = chunk.row;
  for (var i = chunk.first + at.index; i < chunk.end; i += LANES) {
    y[row * sizes.width + i] = x[row * sizes.x_width + sizes.start + i];
  }
}
