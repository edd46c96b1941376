// qkv: the query, key and value projections of one token with all that follows: bias, rotary embedding, KV append.
//
//   weights, groups  bindings 0 and 1: ROWS rows, HEADS query heads, then KV_HEADS key heads, then KV_HEADS value heads
//   x                [K]                                       f32, binding 2
//   extra            [K] the norm's weight, or [ROWS] the bias  f32
//   table            [positions, HEAD_DIM / 2, 2]              f32, cos and sin
//   step             position
//   q                [HEADS, HEAD_DIM]                         f32
//   cache            [2, KV_HEADS, capacity, words of a row]   keys then values, in the form of the kv-write part
//
// Four rows are two rotary pairs: dimensions i and i + 1 of a head and those half a head further on.
struct Sizes { capacity: u32 }

override ROWS: u32;
override HEADS: u32;
override KV_HEADS: u32;
override HEAD_DIM: u32;   // a multiple of 4
override BIAS: bool;
override BLOCKS: u32 = HEAD_DIM / 4u;
@group(0) @binding(3) var<storage, read> extra: array<f32>;
@group(0) @binding(4) var<storage, read> table: array<vec2f>;
@group(0) @binding(5) var<storage, read> step: Step;
@group(0) @binding(6) var<storage, read_write> q: array<f32>;
@group(0) @binding(7) var<storage, read_write> cache: array<u32>;
@group(0) @binding(8) var<uniform> sizes: Sizes;

const PAIRS = vec4u(0u, 1u, 0u, 1u);

fn norm_weight4(k: u32) -> vec4f {
  let columns = min(vec4u(k) + vec4u(0u, 1u, 2u, 3u), vec4u(K - 1u));
  return vec4f(extra[columns.x], extra[columns.y], extra[columns.z], extra[columns.w]);
}

fn four_rows(row: u32) -> vec4u {
  let near = min(row, ROWS - 4u);
  let first = near - near % HEAD_DIM + near % HEAD_DIM / 2u;
  return vec4u(first) + PAIRS + (HEAD_DIM / 2u) * vec4u(0u, 0u, 1u, 1u);
}

fn finish4(row: u32, sums: vec4f) {
  if (row >= ROWS) { return; }
  let rows = four_rows(row);
  var values = sums;
  if (BIAS) { values += vec4f(extra[rows.x], extra[rows.y], extra[rows.z], extra[rows.w]); }
  let head = row / HEAD_DIM;
  let i = row % HEAD_DIM / 2u;
  if (head < HEADS + KV_HEADS) { values = rotated(values, i); }
  if (head < HEADS) {
    write_query(head * HEAD_DIM + i, values);
  } else if (step.position < sizes.capacity) {
    // Key heads, then value heads: the cache keeps them in the same order.
    let place = (head - HEADS) * sizes.capacity + step.position;
    append_pair(place, i, values.xy);
    append_pair(place, i + HEAD_DIM / 2u, values.zw);
  }
}

// The pairs (x, z) and (y, w) turned by the angles of dimensions i and i + 1 at this position.
fn rotated(values: vec4f, i: u32) -> vec4f {
  let angle = step.position * (HEAD_DIM / 2u) + i;
  let first = table[angle];
  let second = table[angle + 1u];
  let cosines = vec4f(first.x, second.x, first.x, second.x);
  let sines = vec4f(-first.y, -second.y, first.y, second.y);
  return values * cosines + values.zwxy * sines;
}

fn write_query(at: u32, values: vec4f) {
  q[at] = values.x;
  q[at + 1u] = values.y;
  q[at + HEAD_DIM / 2u] = values.z;
  q[at + HEAD_DIM / 2u + 1u] = values.w;
}
