// kvAppend: the keys and values of a pass go into the cache, row r at position + r.
//
//   step            position, count
//   k, v            [T, KV_HEADS, HEAD_DIM]             f32
//   cache           [2, KV_HEADS, capacity, HEAD_DIM]   f32, keys then values
//
// Rows past count and positions past the capacity are not written. A workgroup takes LANES elements of one row, CHUNKS of
// them make a row. Bandwidth-bound: 16 bytes an element.
struct Sizes { capacity: u32 }

override KV_HEADS: u32;
override HEAD_DIM: u32;
override CHUNKS: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> cache: array<f32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  let position = step.position + row;
  if (row >= step.count || position >= sizes.capacity) { return; }
  let i = (id % CHUNKS) * LANES + at.index;
  if (i >= KV_HEADS * HEAD_DIM) { return; }
  let slot = ((i / HEAD_DIM) * sizes.capacity + position) * HEAD_DIM + i % HEAD_DIM;
  cache[slot] = k[row * KV_HEADS * HEAD_DIM + i];
  cache[slot + KV_HEADS * sizes.capacity * HEAD_DIM] = v[row * KV_HEADS * HEAD_DIM + i];
}
