// kvAppend: the keys and values of a pass go into the cache, row r at position + r.
//
//   step            position, count
//   k, v            [T, KV_HEADS, HEAD_DIM]                      f32
//   cache           [2, KV_HEADS, capacity, words of a row]      keys then values, in the form of the kv-write part
//
// Rows past count and positions past the capacity are not written. A workgroup takes LANES / SPAN heads of one row,
// CHUNKS of them make a row; key heads come first, then value heads, as in the cache. Bandwidth-bound.
struct Sizes { capacity: u32 }

override KV_HEADS: u32;
override HEAD_DIM: u32;
override CHUNKS: u32;
override SPAN: u32;   // lanes of a head: BLOCKS, rounded up to a power of two
override BLOCKS: u32 = (HEAD_DIM + 3u) / 4u;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> k: array<f32>;
@group(0) @binding(2) var<storage, read> v: array<f32>;
@group(0) @binding(3) var<storage, read_write> cache: array<u32>;
@group(0) @binding(4) var<uniform> sizes: Sizes;

// Dimension d of a head of the pass; the last four of a head size that is no multiple of 4 ends in zeros.
fn source(row: u32, head: u32, d: u32) -> f32 {
  if (d >= HEAD_DIM) { return 0.0; }
  if (head < KV_HEADS) { return k[(row * KV_HEADS + head) * HEAD_DIM + d]; }
  return v[(row * KV_HEADS + head - KV_HEADS) * HEAD_DIM + d];
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  let position = step.position + row;
  if (row >= step.count || position >= sizes.capacity) { return; }
  let head = id % CHUNKS * (LANES / SPAN) + at.index / SPAN;
  let block = at.index % SPAN;
  let inside = head < 2u * KV_HEADS && block < BLOCKS;
  var four = vec4f(0.0);
  if (inside) {
    for (var i = 0u; i < 4u; i++) { four[i] = source(row, head, 4u * block + i); }
  }
  let scale = row_scale(four, at);
  if (inside) { append(head * sizes.capacity + position, block, four, scale); }
}
