// reorder: y[t][i] = x[t][order[i]], the input of a projection whose columns are kept in another order.
//
//   step   position, count
//   x      [T, width]   f32
//   order  [width]      u32   below width
//   y      [T, width]   f32
//
// A workgroup takes a chunk of a row of y. Bandwidth-bound: 8 bytes an element and 4 of the order.
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let width = arrayLength(&order);
  let chunk = chunk_of(group, width);
  if (chunk.row >= step.count) { return; }
  let row = chunk.row;
  for (var i = chunk.first + at.index; i < chunk.end; i += LANES) {
    y[row * width + i] = x[row * width + order[i]];
  }
}
