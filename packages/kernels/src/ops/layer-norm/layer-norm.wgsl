// layerNorm: y = (x - mean(x)) / sqrt(variance(x) + eps) * weight + bias, each row on its own.
//
//   step          position, count
//   x, y          [T, WIDTH]   f32
//   weight, bias  [WIDTH]      f32
//
// The variance is that of differences from the mean, which are taken first: mean(x^2) - mean(x)^2 would lose its digits
// where the mean is large. One workgroup a row. Bandwidth-bound: 8 * WIDTH bytes a row.
override WIDTH: u32;
override EPS: f32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> weight: array<f32>;
@group(0) @binding(3) var<storage, read> bias: array<f32>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.y * group.grid.x + group.id.x;
  if (row >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let start = row * WIDTH;
  var sum = 0.0;
  for (var i = at.index; i < WIDTH; i += LANES) { sum += x[start + i]; }
  let mean = sum_lanes(sum, at) / f32(WIDTH);
  var squares = 0.0;
  for (var i = at.index; i < WIDTH; i += LANES) {
    let difference = x[start + i] - mean;
    squares += difference * difference;
  }
  let scale = inverseSqrt(sum_lanes(squares, at) / f32(WIDTH) + EPS);
  for (var i = at.index; i < WIDTH; i += LANES) {
    y[start + i] = (x[start + i] - mean) * scale * weight[i] + bias[i];
  }
}
