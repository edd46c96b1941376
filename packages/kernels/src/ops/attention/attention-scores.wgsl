// attentionDecode on a software adapter, first dispatch: how much each key that the token sees weighs.
//
//   step           position, count
//   q              [1, HEADS, HEAD_DIM]              f32
//   keys           [KV_HEADS, capacity, HEAD_DIM]    in the form of the kv-read part; the token's own are in it already
//   partials       [HEADS, splits, WIDTH]            f32   of 64 keys the weights, then the greatest score of each four
//
// weight = exp(score - greatest score of its four keys); attention-mix.wgsl brings them to one scale.
// Barriers cost such an adapter more than the work between them, so there are none, and loads more than arithmetic. So a
// lane takes four keys for HEADS_AT_ONCE query heads: what it has loaded of the queries serves four keys, and of the keys
// all those heads; the lanes of a team load the queries for each other. Workgroups (x, y) of one y go through the fours
// together, as many as there are, not as would fit.
override GROUP: u32;         // query heads of a KV head
override HEAD_BLOCKS: u32;   // workgroups that a group is dealt out to
override HEADS_AT_ONCE: u32; // of each of them, 1 to 4; the last may have fewer
override HEADS: u32;
override WIDTH: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

const SPLIT = 64u;   // keys, as in attention-decode.wgsl

// One query against four keys.
fn four_products(query: vec4f, k0: vec4f, k1: vec4f, k2: vec4f, k3: vec4f) -> vec4f {
  return vec4f(dot(query, k0), dot(query, k1), dot(query, k2), dot(query, k3));
}

fn store_weights(head: u32, key: u32, products: vec4f, seen: vec4<bool>) {
  let scores = select(vec4f(MASKED), score(products), seen);
  let greatest = max(max(scores.x, scores.y), max(scores.z, scores.w));
  let weights = exp(scores - greatest);
  let splits = arrayLength(&partials) / (HEADS * WIDTH);
  let place = (head * splits + key / SPLIT) * WIDTH;
  for (var i = 0u; i < 4u; i++) { partials[place + key % SPLIT + i] = weights[i]; }
  partials[place + SPLIT + key % SPLIT / 4u] = greatest;
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  if (step.count == 0u) { return; }
  let context = min(step.position + 1u, capacity());
  let first = first_seen(context - 1u);
  let kv_head = group.id.y / HEAD_BLOCKS;
  let head_block = group.id.y % HEAD_BLOCKS;
  let head = kv_head * GROUP + head_block * HEADS_AT_ONCE;
  let heads = min(HEADS_AT_ONCE, GROUP - head_block * HEADS_AT_ONCE);
  let blocks = BLOCKS * min(step.count, 1u);   // BLOCKS, but unknown while compiling: unrolled, this takes llvmpipe 10 s
  // The same in all lanes, which must all be there to hear the queries; what lies past the context is not stored.
  for (var base = first / 4u + group.id.x * LANES; 4u * base < context; base += group.grid.x * LANES) {
    let four = base + at.index;
    let keys_seen = vec4u(4u * four) + vec4u(0u, 1u, 2u, 3u);
    let seen = (keys_seen >= vec4u(first)) & (keys_seen < vec4u(context));
    // Keys past the context repeat the last one; their scores are masked.
    let rows = kv_head * capacity() + min(keys_seen, vec4u(context - 1u));
    var products0 = vec4f(0.0);
    var products1 = vec4f(0.0);
    var products2 = vec4f(0.0);
    var products3 = vec4f(0.0);
    var query0 = vec4f(0.0);   // each lane's own of the next TEAM fours of dimensions
    var query1 = vec4f(0.0);
    var query2 = vec4f(0.0);
    var query3 = vec4f(0.0);
    for (var b = 0u; b < blocks; b++) {
      if (b % TEAM == 0u) {
        let own = min(b + team_place(at), BLOCKS - 1u);
        query0 = load_query(head, own);
        if (HEADS_AT_ONCE > 1u) { query1 = load_query(head + 1u, own); }
        if (HEADS_AT_ONCE > 2u) { query2 = load_query(head + 2u, own); }
        if (HEADS_AT_ONCE > 3u) { query3 = load_query(head + 3u, own); }
      }
      let k0 = load_key(rows.x, b);
      let k1 = load_key(rows.y, b);
      let k2 = load_key(rows.z, b);
      let k3 = load_key(rows.w, b);
      products0 += four_products(heard(query0, b % TEAM), k0, k1, k2, k3);
      if (HEADS_AT_ONCE > 1u) { products1 += four_products(heard(query1, b % TEAM), k0, k1, k2, k3); }
      if (HEADS_AT_ONCE > 2u) { products2 += four_products(heard(query2, b % TEAM), k0, k1, k2, k3); }
      if (HEADS_AT_ONCE > 3u) { products3 += four_products(heard(query3, b % TEAM), k0, k1, k2, k3); }
    }
    let stored = select(0u, heads, 4u * four < context);
    let scales = vec4f(key_scale(rows.x), key_scale(rows.y), key_scale(rows.z), key_scale(rows.w));
    if (stored > 0u) { store_weights(head, 4u * four, scales * products0, seen); }
    if (stored > 1u) { store_weights(head + 1u, 4u * four, scales * products1, seen); }
    if (stored > 2u) { store_weights(head + 2u, 4u * four, scales * products2, seen); }
    if (stored > 3u) { store_weights(head + 3u, 4u * four, scales * products3, seen); }
  }
}
