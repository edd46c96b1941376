// attentionDecode on a software adapter, first dispatch: the scores of every key the token sees.
//
//   step           position, count
//   q              [1, HEADS, HEAD_DIM]              f32
//   keys           [KV_HEADS, capacity, HEAD_DIM]    f32   the token's own are in the cache already
//   partials       [HEADS, splits, WIDTH]            f32   here a row of scores a head, by key
//
// Barriers cost such an adapter more than the work between them, so there are none. A lane takes one key for
// HEADS_AT_ONCE query heads of its KV head; workgroup (x, y) takes the keys from LANES * x on.
override HEADS: u32;
override GROUP: u32;         // query heads of a KV head
override HEAD_BLOCKS: u32;   // workgroups that a group is dealt out to
override HEADS_AT_ONCE: u32; // of each of them, 1 to 4; the last may have fewer
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let context = min(step.position + 1u, capacity());
  let key = group.id.x * LANES + at.index;
  if (step.count == 0u || key >= context || key < first_seen(context - 1u)) { return; }
  let kv_head = group.id.y / HEAD_BLOCKS;
  let block = group.id.y % HEAD_BLOCKS;
  let row = kv_head * capacity() + key;
  let head = kv_head * GROUP + block * HEADS_AT_ONCE;
  let blocks = BLOCKS * min(step.count, 1u);   // BLOCKS, but unknown while compiling: unrolled, this takes llvmpipe 10 s
  var products = vec4f(0.0);
  for (var b = 0u; b < blocks; b++) {
    let four = load_key(row, b);
    products.x += dot(load_query(head, b), four);
    if (HEADS_AT_ONCE > 1u) { products.y += dot(load_query(head + 1u, b), four); }
    if (HEADS_AT_ONCE > 2u) { products.z += dot(load_query(head + 2u, b), four); }
    if (HEADS_AT_ONCE > 3u) { products.w += dot(load_query(head + 3u, b), four); }
  }
  let scores = score(products);
  let stride = arrayLength(&partials) / HEADS;
  for (var h = 0u; h < min(HEADS_AT_ONCE, GROUP - block * HEADS_AT_ONCE); h++) {
    partials[(head + h) * stride + key] = scores[h];
  }
}
