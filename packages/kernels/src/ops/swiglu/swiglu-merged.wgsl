// swiglu over one tensor that holds both inputs: y = activate(gate) * up, element by element.
//
//   step       position, count
//   gate_up    [T, 2 WIDTH]   f32, each row the gate, then up
//   y          [T, WIDTH]     f32
//
// A workgroup takes a chunk of a row. Bandwidth-bound: 12 bytes an element.
override WIDTH: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> gate_up: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let chunk = chunk_of(group, WIDTH);
  if (chunk.row >= step.count) { return; }
  let row = chunk.row;
  for (var i = chunk.first + at.index; i < chunk.end; i += LANES) {
    y[row * WIDTH + i] = activate(gate_up[2u * row * WIDTH + i]) * gate_up[(2u * row + 1u) * WIDTH + i];
  }
}
