// swiglu over one tensor that holds both inputs: y = activate(gate) * up, element by element.
//
//   step       position, count
//   gate_up    [T, 2 WIDTH]   f32, each row the gate, then up
//   y          [T, WIDTH]     f32
//
// A workgroup takes SPAN elements of one row, CHUNKS of them make a row. Bandwidth-bound: 12 bytes an element.
override WIDTH: u32;
override CHUNKS: u32;
override SPAN: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> gate_up: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  if (row >= step.count) { return; }
  let first = (id % CHUNKS) * SPAN;
  for (var i = first + at.index; i < min(first + SPAN, WIDTH); i += LANES) {
    y[row * WIDTH + i] = activate(gate_up[2u * row * WIDTH + i]) * gate_up[(2u * row + 1u) * WIDTH + i];
  }
}
