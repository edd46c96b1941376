// matmul, the second dispatch where K was split: adds up the slices of each value of y, always in the same order, and what else
// goes into it. A lane a value; neighbouring lanes read neighbouring values.
//
//   step      position, count: tokens at or past count are left alone
//   partials  [T, SLICES, N]   f32
//   y         [T, N]           f32
//   residual  [T, N]           f32, read if RESIDUAL
//   bias      [N]              f32, read if BIAS
override N: u32;
override SLICES: u32;
override RESIDUAL: bool;
override BIAS: bool;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;
@group(0) @binding(3) var<storage, read> residual: array<f32>;
@group(0) @binding(4) var<storage, read> bias: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let i = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  let token = i / N;
  if (token >= step.count) { return; }
  let n = i % N;
  var value = 0.0;
  for (var slice = 0u; slice < SLICES; slice++) { value += partials[(token * SLICES + slice) * N + n]; }
  if (BIAS) { value += bias[n]; }
  if (RESIDUAL) { value += residual[i]; }
  y[i] = value;
}
