// expertDown: y = (residual +) the sum over the chosen experts of down x[i], whose weights x has already.
//
//   weights, groups  bindings 0 and 1: EXPERT_ROWS rows of each expert
//   x                [TOP_K, K]       f32, binding 2
//   choices          [TOP_K]          Choice
//   residual         [EXPERT_ROWS]    f32, read if RESIDUAL
//   y                [EXPERT_ROWS]    f32; the first buffer of the stack begins it, the others add to it
override ROWS: u32;           // EXPERT_ROWS again, by the name that the layouts know
override EXPERT_ROWS: u32;
override TOP_K: u32;
override WORKGROUPS: u32;
override SLOTS = TOP_K;        // choices that one result is made of
override RESIDUAL: bool;
@group(0) @binding(3) var<storage, read> choices: array<Choice>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform> here: Here;

// Whether this buffer is the first, which writes y whether it has a chosen expert or not.
fn begins() -> bool {
  return here.first == 0u;
}

fn x_row(slot: u32) -> u32 {
  return slot;
}

fn four_rows(row: u32) -> vec4u {
  return min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(ROWS - 1u));
}

fn finish4(slot: u32, row: u32, sums: vec4f) {
  finish(row, sums.x);
  finish(row + 1u, sums.y);
  finish(row + 2u, sums.z);
  finish(row + 3u, sums.w);
}

fn finish(row: u32, sum: f32) {
  if (row >= ROWS) { return; }
  if (!begins()) {
    y[row] += sum;
  } else if (RESIDUAL) {
    y[row] = residual[row] + sum;
  } else {
    y[row] = sum;
  }
}
