// rope: each pair (i, i + ROTARY_DIM/2) of a head turned by its position's angle; dimensions past ROTARY_DIM are copied.
//
//   step    position, count
//   x       [T, HEADS, HEAD_DIM]           f32
//   table   [positions, ROTARY_DIM/2, 2]   f32   cos and sin, with the attention factor folded in
//   y       [T, HEADS, HEAD_DIM]           f32
//
// Row r of the pass stands at position + r; the caller ensures that the table reaches that far.
// A workgroup takes LANES items of one row, CHUNKS of them make a row. An item is a pair or a copied dimension.
// Bandwidth-bound: 8 bytes an element.
override HEADS: u32;
override HEAD_DIM: u32;
override ROTARY_DIM: u32;
override CHUNKS: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  if (row >= step.count) { return; }
  let half = ROTARY_DIM / 2u;
  let items = HEAD_DIM - half;   // of a head
  let item = (id % CHUNKS) * LANES + at.index;
  if (item >= HEADS * items) { return; }
  let head = (row * HEADS + item / items) * HEAD_DIM;
  let i = item % items;
  if (i >= half) {
    y[head + half + i] = x[head + half + i];
    return;
  }
  let turn = table[(step.position + row) * half + i];
  let a = x[head + i];
  let b = x[head + half + i];
  y[head + i] = a * turn.x - b * turn.y;
  y[head + half + i] = b * turn.x + a * turn.y;
}
