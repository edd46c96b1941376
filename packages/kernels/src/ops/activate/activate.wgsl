// activate: y = activation(x), element by element: the nonlinearity of an MLP without a gate.
//
//   step    position, count
//   x, y    [T, width]   f32
//
// A workgroup takes SPAN elements of one row. Bandwidth-bound: 8 bytes an element.
struct Sizes { width: u32 }

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
  let end = row * sizes.width + min(first + SPAN, sizes.width);
  for (var i = row * sizes.width + first + at.index; i < end; i += LANES) {
    y[i] = activate(x[i]);
  }
}
