// reorder: y[t][i] = x[t][order[i]], the input of a projection whose columns are kept in another order.
//
//   step   position, count
//   x      [T, width]   f32
//   order  [width]      u32   below width
//   y      [T, width]   f32
//
// A workgroup takes SPAN elements of one row of y. Bandwidth-bound: 8 bytes an element and 4 of the order.
override SPAN: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let width = arrayLength(&order);
  let chunks = (width + SPAN - 1u) / SPAN;
  let row = id / chunks;
  if (row >= step.count) { return; }
  let first = (id % chunks) * SPAN;
  for (var i = first + at.index; i < min(first + SPAN, width); i += LANES) {
    y[row * width + i] = x[row * width + order[i]];
  }
}
