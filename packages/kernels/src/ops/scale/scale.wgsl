// scale: y = factor * x, element by element: the logits of Granite.
//
//   step    position, count
//   x, y    [T, width]   f32
//
// A workgroup takes a chunk of a row. Bandwidth-bound: 8 bytes an element.
struct Sizes { width: u32, factor: f32 }

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let chunk = chunk_of(group, sizes.width);
  if (chunk.row >= step.count) { return; }
  let start = chunk.row * sizes.width;
  for (var i = start + chunk.first + at.index; i < start + chunk.end; i += LANES) {
    y[i] = sizes.factor * x[i];
  }
}
