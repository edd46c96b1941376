// expertGateUp: y[i] = weight[i] * activate(gate x) * (up x), with gate and up of the i-th expert chosen.
//
//   weights, groups  bindings 0 and 1: of each expert WIDTH rows of gate, then WIDTH rows of up
//   x                [K]              f32, binding 2
//   choices          [TOP_K]          Choice
//   y                [TOP_K, WIDTH]   f32
//
// The weight of an expert is a factor of all it does, so it may as well be applied here, where there is least of it.
override ROWS: u32;           // 4 * ceil(WIDTH / 2): the layouts count four rows to two results
override WIDTH: u32;
override EXPERT_ROWS: u32;    // 2 * WIDTH
override TOP_K: u32;
override WORKGROUPS: u32;     // for all rows of a choice
const SLOTS = 1u;            // choices that one result is made of
@group(0) @binding(3) var<storage, read> choices: array<Choice>;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<uniform> here: Here;

fn begins() -> bool {
  return false;
}

fn x_row(slot: u32) -> u32 {
  return 0u;
}

// Two rows of gate and their two of up.
fn four_rows(row: u32) -> vec4u {
  let first = min(row / 2u, WIDTH - 1u);
  let second = min(first + 1u, WIDTH - 1u);
  return vec4u(first, second, WIDTH + first, WIDTH + second);
}

fn finish4(slot: u32, row: u32, sums: vec4f) {
  if (row >= ROWS) { return; }
  let rows = four_rows(row);
  let weight = choices[slot].weight;
  y[slot * WIDTH + rows.x] = weight * activate(sums.x) * sums.z;
  if (rows.y > rows.x) { y[slot * WIDTH + rows.y] = weight * activate(sums.y) * sums.w; }
}
