// lastRow: y = the last row of a pass, row count - 1. Only that token's logits are wanted after a prefill.
//
//   step  position, count
//   x     [T, WIDTH]   f32
//   y     [1, WIDTH]   f32
//
// A workgroup copies SPAN elements. Bandwidth-bound: 8 * WIDTH bytes.
override WIDTH: u32;
override SPAN: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  if (step.count == 0u) { return; }   // an empty pass has no last row
  let start = (step.count - 1u) * WIDTH;
  let first = (group.id.y * group.grid.x + group.id.x) * SPAN;
  for (var i = first + at.index; i < min(first + SPAN, WIDTH); i += LANES) {
    y[i] = x[start + i];
  }
}
