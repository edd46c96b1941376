// ropeAppend: what follows the merged query, key and value projections of a pass: queries and keys are normed if the
// head-norm part says so, and rotated; queries go out, keys and values into the cache.
//
//   step    position, count
//   qkv     [T, HEADS + 2 KV_HEADS, HEAD_DIM]               f32
//   table   [positions, ROTARY / 2, 2]                      f32, cos and sin
//   q       [T, HEADS, HEAD_DIM]                            f32
//   cache   [2, KV_HEADS, capacity, words of a row]         keys then values, in the form of the kv-write part
//
// A workgroup takes LANES / SPAN heads of one row, a lane a four of dimensions; CHUNKS workgroups make a row. Positions
// past the capacity are not written.
struct Sizes { capacity: u32 }

override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32;
override ROTARY: u32;   // dimensions that turn, from the first on
override CHUNKS: u32;
override SPAN: u32;   // lanes of a head: BLOCKS, rounded up to a power of two
override BLOCKS: u32 = (HEAD_DIM + 3u) / 4u;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> qkv: array<f32>;
@group(0) @binding(2) var<storage, read> table: array<vec2f>;
@group(0) @binding(3) var<storage, read_write> q: array<f32>;
@group(0) @binding(4) var<storage, read_write> cache: array<u32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;

// Dimension d of the head that begins at `start`, turned with the dimension half of those that turn from it.
fn rotated(start: u32, is_key: bool, position: u32, d: u32) -> f32 {
  let own = qkv[start + d] * head_weight(is_key, d);
  if (d >= ROTARY) { return own; }
  let half = ROTARY / 2u;
  let turn = table[position * half + d % half];
  let other = select(d - half, d + half, d < half);
  let across = qkv[start + other] * head_weight(is_key, other);
  return own * turn.x + select(across, -across, d < half) * turn.y;
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let row = id / CHUNKS;
  if (row >= step.count) { return; }
  let heads = HEADS + 2u * KV_HEADS;
  let head = id % CHUNKS * (LANES / SPAN) + at.index / SPAN;
  let block = at.index % SPAN;
  let position = step.position + row;
  let start = (row * heads + head) * HEAD_DIM;
  let inside = head < heads && block < BLOCKS;
  var four = vec4f(0.0);   // and so it ends where the head size is no multiple of 4
  if (inside) {
    let turns = head < HEADS + KV_HEADS;
    for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) {
      let d = 4u * block + i;
      if (turns) { four[i] = rotated(start, head >= HEADS, position, d); } else { four[i] = qkv[start + d]; }
    }
    if (turns) { four *= head_scale(start); }
  }
  let scale = row_scale(four, at);
  if (!inside) { return; }
  if (head < HEADS) {
    let place = (row * HEADS + head) * HEAD_DIM + 4u * block;
    for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) { q[place + i] = four[i]; }
  } else if (position < sizes.capacity) {
    append((head - HEADS) * sizes.capacity + position, block, four, scale);
  }
}
