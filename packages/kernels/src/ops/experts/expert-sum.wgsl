// expertSum: y = (residual +) the sum over a token's choices of weight * x.
//
//   step      position, count
//   choices   [T, TOP_K]          Choice
//   x         [T * TOP_K, WIDTH]  f32
//   residual  [T, WIDTH]          f32, read if RESIDUAL
//   y         [T, WIDTH]          f32
//
// A workgroup takes a chunk of a token. Bandwidth-bound.
override WIDTH: u32;
override TOP_K: u32;
override RESIDUAL: bool;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> choices: array<Choice>;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let chunk = chunk_of(group, WIDTH);
  if (chunk.row >= step.count) { return; }
  let token = chunk.row;
  for (var i = chunk.first + at.index; i < chunk.end; i += LANES) {
    var sum = 0.0;
    if (RESIDUAL) { sum = residual[token * WIDTH + i]; }
    for (var choice = token * TOP_K; choice < (token + 1u) * TOP_K; choice++) {
      sum += choices[choice].weight * x[choice * WIDTH + i];
    }
    y[token * WIDTH + i] = sum;
  }
}
