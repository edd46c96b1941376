// lora, second half: y += B inner. y may be several projections side by side; a part is the rows of one of them, with
// the adapters that it has.
//
//   step   position, count
//   inner  [T, ranks]    f32
//   b      of each part [its ranks, its rows], one after the other   f32   the transposed B of its adapters
//   y      [T, width]    f32
//
// One lane an element of y, neighbouring lanes neighbouring rows of B. Bandwidth-bound on B.
struct Part {
  first_row: u32,
  rows: u32,
  first_rank: u32,
  ranks: u32,
}

struct Sizes {
  width: u32,
  ranks: u32,
  padding: vec2u,
  parts: array<Part, 4>,
}

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> inner: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let token = group.id.y;
  let part = sizes.parts[group.id.z];
  let row = group.id.x * LANES + at.index;
  if (token >= step.count || row >= part.rows) { return; }
  var start = 0u;
  for (var before = 0u; before < group.id.z; before++) { start += sizes.parts[before].rows * sizes.parts[before].ranks; }
  var sum = 0.0;
  for (var r = 0u; r < part.ranks; r++) {
    sum += inner[token * sizes.ranks + part.first_rank + r] * b[start + r * part.rows + row];
  }
  y[token * sizes.width + part.first_row + row] += sum;
}
