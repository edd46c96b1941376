// What the kernels of both halves of an expert bind.
//
//   weights, groups  bindings 0 and 1: EXPERT_ROWS rows of each expert
//   x                [X rows, K]             f32, binding 2
//   order, tiles     as groupByExpert writes them
//   y                [T * TOP_K, Y_WIDTH]    f32, a row an assignment
override EXPERT_ROWS: u32;
override Y_WIDTH: u32;
override SHARED_BY: u32;     // assignments in a row that read the same x: TOP_K where x is the token's, 1 where it is their own
@group(0) @binding(3) var<storage, read> order: array<u32>;
@group(0) @binding(4) var<storage, read> tiles: array<vec4u>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;
@group(0) @binding(6) var<uniform> here: Here;

fn x_row(assignment: u32) -> u32 {
  return assignment / SHARED_BY;
}
