// sigmoidGate: y = (residual +) sigmoid(gate) * x, one gate for all of a token's values.
//
//   step           position, count
//   gate           [T]           f32
//   x, residual, y [T, WIDTH]    f32; residual is read if RESIDUAL
//
// A workgroup takes a chunk of a row. Bandwidth-bound: 8 or 12 bytes an element.
override WIDTH: u32;
override RESIDUAL: bool;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let chunk = chunk_of(group, WIDTH);
  if (chunk.row >= step.count) { return; }
  let open = 1.0 / (1.0 + exp(min(-gate[chunk.row], 80.0)));   // bounded, since exp past 88 is no finite f32
  let start = chunk.row * WIDTH;
  for (var i = start + chunk.first + at.index; i < start + chunk.end; i += LANES) {
    var value = open * x[i];
    if (RESIDUAL) { value += residual[i]; }
    y[i] = value;
  }
}
