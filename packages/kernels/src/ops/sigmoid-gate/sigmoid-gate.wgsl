// sigmoidGate: y = (residual +) sigmoid(gate) * x, one gate for all of a token's values.
//
//   step           position, count
//   gate           [T]           f32
//   x, residual, y [T, WIDTH]    f32; residual is read if RESIDUAL
//
// A workgroup takes SPAN elements of one row, CHUNKS of them make a row. Bandwidth-bound: 8 or 12 bytes an element.
override WIDTH: u32;
override CHUNKS: u32;
override SPAN: u32;
override RESIDUAL: bool;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> gate: array<f32>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  if (row >= step.count) { return; }
  let open = 1.0 / (1.0 + exp(min(-gate[row], 80.0)));   // bounded, since exp past 88 is no finite f32
  let first = (id % CHUNKS) * SPAN;
  let end = row * WIDTH + min(first + SPAN, WIDTH);
  for (var i = row * WIDTH + first + at.index; i < end; i += LANES) {
    var value = open * x[i];
    if (RESIDUAL) { value += residual[i]; }
    y[i] = value;
  }
}
