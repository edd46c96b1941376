// attentionDecode, first dispatch: one split of the context, for the query heads that share a KV head.
//
//   step           position, count
//   q              [1, HEADS, HEAD_DIM]              f32
//   keys, values   [KV_HEADS, capacity, HEAD_DIM]    in the form of the kv-read part; the token's own are in them already
//   partials       [HEADS, splits, WIDTH]            f32   sum of weight * value, then greatest score, sum of weights
//
// weight = exp(score - greatest score of the split); attention-combine.wgsl brings the splits to one scale.
// Workgroup (x, y) takes the LANES keys from LANES * x on, for HEADS_AT_ONCE query heads of one KV head, so that keys
// and values are read once for all of them; HEAD_BLOCKS workgroups make a group that is larger. Splits past the context,
// or before the window, return at once: the grid is fixed by the capacity.
//
// Keys: 4 neighbouring lanes share a key, and each lane takes the four keys COLUMNS apart, so that loads are in flight
// together. Values: BLOCKS lanes make a row of a value, and what is left of the lanes takes other keys.
// Bandwidth-bound: 8 * HEAD_DIM bytes a key and KV head in f32.
override GROUP: u32;         // query heads of a KV head
override HEAD_BLOCKS: u32;   // workgroups that a group is dealt out to
override HEADS_AT_ONCE: u32; // of each of them, 1 to 4; the last may have fewer and what it adds up beyond is dropped
override HEADS: u32;
override WIDTH: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> partials: array<f32>;

const TEAM = 4u;                          // lanes that share a key
override COLUMNS: u32 = LANES / TEAM;     // a vec4 of scores holds the keys column, column + COLUMNS, and so on to four
override SLICES: u32 = min(COLUMNS, LANES / BLOCKS);   // rows of values read at a time

var<workgroup> scratch: array<vec4f, HEADS_AT_ONCE * LANES>;
var<workgroup> weights: array<vec4f, HEADS_AT_ONCE * COLUMNS>;
var<workgroup> maxima: array<f32, HEADS_AT_ONCE * COLUMNS>;
var<workgroup> sums: array<f32, HEADS_AT_ONCE * COLUMNS>;

fn apart() -> vec4u { return COLUMNS * vec4u(0u, 1u, 2u, 3u); }

// One query against four keys.
fn four_products(head: u32, b: u32, k0: vec4f, k1: vec4f, k2: vec4f, k3: vec4f) -> vec4f {
  let query = load_query(head, b);
  return vec4f(dot(query, k0), dot(query, k1), dot(query, k2), dot(query, k3));
}

fn four_values(weight: vec4f, v0: vec4f, v1: vec4f, v2: vec4f, v3: vec4f) -> vec4f {
  return weight.x * v0 + weight.y * v1 + weight.z * v2 + weight.w * v3;
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let context = min(step.position + 1u, capacity());
  let first = first_seen(context - 1u);
  let split = group.id.x;
  let begin = split * LANES;
  if (step.count == 0u || begin >= context || begin + LANES <= first) { return; }
  let kv_head = group.id.y / HEAD_BLOCKS;
  let block = group.id.y % HEAD_BLOCKS;
  let cached = kv_head * capacity();   // row of the cache where this head begins

  // Keys past the context repeat the last one; their scores are masked below.
  let key = begin + at.index / TEAM;
  let rows = cached + min(vec4u(key) + apart(), vec4u(context - 1u));
  let head = kv_head * GROUP + block * HEADS_AT_ONCE;
  var products0 = vec4f(0.0);
  var products1 = vec4f(0.0);
  var products2 = vec4f(0.0);
  var products3 = vec4f(0.0);
  for (var b = at.index % TEAM; b < BLOCKS; b += TEAM) {
    let k0 = load_key(rows.x, b);
    let k1 = load_key(rows.y, b);
    let k2 = load_key(rows.z, b);
    let k3 = load_key(rows.w, b);
    products0 += four_products(head, b, k0, k1, k2, k3);
    if (HEADS_AT_ONCE > 1u) { products1 += four_products(head + 1u, b, k0, k1, k2, k3); }
    if (HEADS_AT_ONCE > 2u) { products2 += four_products(head + 2u, b, k0, k1, k2, k3); }
    if (HEADS_AT_ONCE > 3u) { products3 += four_products(head + 3u, b, k0, k1, k2, k3); }
  }
  let scales = vec4f(key_scale(rows.x), key_scale(rows.y), key_scale(rows.z), key_scale(rows.w));
  scratch[at.index] = scales * products0;
  if (HEADS_AT_ONCE > 1u) { scratch[LANES + at.index] = scales * products1; }
  if (HEADS_AT_ONCE > 2u) { scratch[2u * LANES + at.index] = scales * products2; }
  if (HEADS_AT_ONCE > 3u) { scratch[3u * LANES + at.index] = scales * products3; }
  workgroupBarrier();

  for (var i = at.index; i < HEADS_AT_ONCE * COLUMNS; i += LANES) {
    let column = i % COLUMNS;
    let team = (i / COLUMNS) * LANES + TEAM * column;
    let product = scratch[team] + scratch[team + 1u] + scratch[team + 2u] + scratch[team + 3u];
    let seen = vec4u(begin + column) + apart();
    let scores = select(vec4f(MASKED), score(product), (seen >= vec4u(first)) & (seen < vec4u(context)));
    weights[i] = scores;
    maxima[i] = max(max(scores.x, scores.y), max(scores.z, scores.w));
  }
  workgroupBarrier();

  for (var i = at.index; i < HEADS_AT_ONCE * COLUMNS; i += LANES) {
    var greatest = MASKED;
    for (var c = 0u; c < COLUMNS; c++) { greatest = max(greatest, maxima[i / COLUMNS * COLUMNS + c]); }
    let weight = exp(weights[i] - greatest);
    weights[i] = weight;
    sums[i] = dot(weight, vec4f(1.0));
  }
  workgroupBarrier();

  let slice = at.index / BLOCKS;
  let b = at.index % BLOCKS;
  if (slice < SLICES) {
    var sum0 = vec4f(0.0);
    var sum1 = vec4f(0.0);
    var sum2 = vec4f(0.0);
    var sum3 = vec4f(0.0);
    for (var column = slice; column < COLUMNS; column += SLICES) {
      let rows = cached + min(vec4u(begin + column) + apart(), vec4u(context - 1u));
      let v0 = value_scale(rows.x) * load_value(rows.x, b);
      let v1 = value_scale(rows.y) * load_value(rows.y, b);
      let v2 = value_scale(rows.z) * load_value(rows.z, b);
      let v3 = value_scale(rows.w) * load_value(rows.w, b);
      sum0 += four_values(weights[column], v0, v1, v2, v3);
      if (HEADS_AT_ONCE > 1u) { sum1 += four_values(weights[COLUMNS + column], v0, v1, v2, v3); }
      if (HEADS_AT_ONCE > 2u) { sum2 += four_values(weights[2u * COLUMNS + column], v0, v1, v2, v3); }
      if (HEADS_AT_ONCE > 3u) { sum3 += four_values(weights[3u * COLUMNS + column], v0, v1, v2, v3); }
    }
    let first_sum = slice * HEADS_AT_ONCE * BLOCKS + b;
    scratch[first_sum] = sum0;
    if (HEADS_AT_ONCE > 1u) { scratch[first_sum + BLOCKS] = sum1; }
    if (HEADS_AT_ONCE > 2u) { scratch[first_sum + 2u * BLOCKS] = sum2; }
    if (HEADS_AT_ONCE > 3u) { scratch[first_sum + 3u * BLOCKS] = sum3; }
  }
  workgroupBarrier();

  let splits = arrayLength(&partials) / (HEADS * WIDTH);
  let heads = min(HEADS_AT_ONCE, GROUP - block * HEADS_AT_ONCE);   // the last block of a group may be short
  for (var i = at.index; i < heads * (HEAD_DIM + 2u); i += LANES) {
    let h = i / (HEAD_DIM + 2u);
    let d = i % (HEAD_DIM + 2u);
    var value = 0.0;
    if (d < HEAD_DIM) {
      for (var s = 0u; s < SLICES; s++) { value += scratch[(s * HEADS_AT_ONCE + h) * BLOCKS + d / 4u][d % 4u]; }
    } else if (d == HEAD_DIM) {
      value = MASKED;
      for (var c = 0u; c < COLUMNS; c++) { value = max(value, maxima[h * COLUMNS + c]); }
    } else {
      for (var c = 0u; c < COLUMNS; c++) { value += sums[h * COLUMNS + c]; }
    }
    partials[((head + h) * splits + split) * WIDTH + d] = value;
  }
}
