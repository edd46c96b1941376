// ropeAppend: what follows the merged query, key and value projections of a prefill chunk: queries and keys are rotated,
// queries go out, keys and values into the cache.
//
//   step    position, count
//   qkv     [T, HEADS + 2 KV_HEADS, HEAD_DIM]      f32
//   table   [positions, HEAD_DIM / 2, 2]           f32, cos and sin
//   q       [T, HEADS, HEAD_DIM]                   f32
//   cache   [2, KV_HEADS, capacity, HEAD_DIM]      f32, keys then values
//
// A workgroup takes LANES pairs of one row, CHUNKS of them make a row. Positions past the capacity are not written.
struct Sizes { capacity: u32 }

override HEADS: u32;
override KV_HEADS: u32;
override HALF: u32;    // HEAD_DIM / 2
override CHUNKS: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> q: array<f32>;
@group(0) @binding(4) var<storage, read_write> cache: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  let heads = HEADS + 2u * KV_HEADS;
  let pair = (id % CHUNKS) * LANES + at.index;
  if (row >= step.count || pair >= heads * HALF) { return; }
  let head = pair / HALF;
  let i = pair % HALF;
  let position = step.position + row;
  let source = (row * heads + head) * 2u * HALF + i;
  var value = vec2f(qkv[source], qkv[source + HALF]);
  if (head < HEADS + KV_HEADS) {
    let turn = table[position * HALF + i];
    value = vec2f(value.x * turn.x - value.y * turn.y, value.y * turn.x + value.x * turn.y);
  }
  if (head < HEADS) {
    let place = (row * HEADS + head) * 2u * HALF + i;
    q[place] = value.x;
    q[place + HALF] = value.y;
  } else if (position < sizes.capacity) {
    let place = ((head - HEADS) * sizes.capacity + position) * 2u * HALF + i;
    cache[place] = value.x;
    cache[place + HALF] = value.y;
  }
}
