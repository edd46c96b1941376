// kvAppend: the keys and values of a pass go into the cache, row r at position + r.
//
//   step            position, count
//   k, v            [T, KV_HEADS, HEAD_DIM]          f32
//   keys, values    [KV_HEADS, CAPACITY, HEAD_DIM]   f32
//
// Rows past count and positions past CAPACITY are not written. A workgroup takes LANES elements of one row, CHUNKS of
// them make a row. Bandwidth-bound: 16 bytes an element.
override KV_HEADS: u32;
override HEAD_DIM: u32;
override CAPACITY: u32;
override CHUNKS: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> keys: array<f32>;
@group(0) @binding(4) var<storage, read_write> values: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  let position = step.position + row;
  if (row >= step.count || position >= CAPACITY) { return; }
  let i = (id % CHUNKS) * LANES + at.index;
  if (i >= KV_HEADS * HEAD_DIM) { return; }
  let slot = ((i / HEAD_DIM) * CAPACITY + position) * HEAD_DIM + i % HEAD_DIM;
  keys[slot] = k[row * KV_HEADS * HEAD_DIM + i];
  values[slot] = v[row * KV_HEADS * HEAD_DIM + i];
}
