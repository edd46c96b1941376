// attentionPrefill on a software adapter whose lanes hear each other: as attention-prefill-rows.wgsl, but a team takes
// as many queries of a KV head together as it has lanes. Such an adapter loads for each lane apart, and that takes far longer than the
// arithmetic, so what is loaded serves many products. No barriers.
//
//   step           position, count
//   q              [T, HEADS, HEAD_DIM]              f32
//   keys, values   [KV_HEADS, capacity, HEAD_DIM]    in the form of the kv-read part; the pass's own are in them already
//   y              [T, HEADS, HEAD_DIM]              f32
//
// A query is (row, head of the group), rows first. Workgroup (x, y, z) is one team; it takes TEAM queries of KV head y
// and 8 * TEAM dimensions of their values. Scores: a lane takes four keys against all queries, of which each lane loads one
// and hands it on. Values: a lane takes two fours of dimensions, and the weights go round from lane to lane, so that at
// each turn it meets another four keys. The running maximum is that of the online softmax.
override HEADS: u32;
override GROUP: u32;    // query heads of a KV head
override CAUSAL: u32;   // 1: row r sees 0 ... position + r; 0: every row sees all of position + count
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const MOST = 8u;   // lanes that a team may have
const NEXT_KEYS = vec4u(0u, 1u, 2u, 3u);

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first_query = group.id.x * TEAM;
  if (first_query / GROUP >= step.count) { return; }
  let last_row = min((first_query + TEAM - 1u) / GROUP, step.count - 1u);
  let all = step.position + step.count;
  let end = min(select(all, step.position + last_row + 1u, CAUSAL == 1u), capacity());
  let begin = first_seen(step.position + first_query / GROUP);
  let cached = group.id.y * capacity();   // row of the cache where this head begins
  let place = team_place(at);
  let own_query = first_query + place;
  // Queries past the last repeat its row and are not written.
  let own_row = min(own_query / GROUP, last_row) * HEADS + group.id.y * GROUP + own_query % GROUP;
  // Both constant, but unknown while compiling: unrolled, these loops take llvmpipe seconds.
  let blocks = BLOCKS * min(step.count, 1u);
  let turns = TEAM * min(step.count, 1u);
  let block_a = 2u * TEAM * group.id.z + place;   // fours of dimensions; past the last they repeat it and are not written
  let block_b = block_a + TEAM;
  let loaded_a = min(block_a, BLOCKS - 1u);
  let loaded_b = min(block_b, BLOCKS - 1u);

  var greatest: array<f32, MOST>;
  var sums: array<f32, MOST>;      // of the weights of this lane's keys
  var added_a: array<vec4f, MOST>;
  var added_b: array<vec4f, MOST>;
  for (var i = 0u; i < TEAM; i++) {
    greatest[i] = MASKED;
    sums[i] = 0.0;
    added_a[i] = vec4f(0.0);
    added_b[i] = vec4f(0.0);
  }
  for (var start = begin; start < end; start += 4u * TEAM) {
    let seen = vec4u(start + 4u * place) + NEXT_KEYS;
    let rows = cached + min(seen, vec4u(end - 1u));   // keys past the end repeat the last one; their scores are masked
    var weights: array<vec4f, MOST>;               // first products, of four keys each
    for (var i = 0u; i < TEAM; i++) { weights[i] = vec4f(0.0); }
    for (var b = 0u; b < blocks; b++) {
      let own = load_query(own_row, b);
      let four_keys = mat4x4f(load_key(rows.x, b), load_key(rows.y, b), load_key(rows.z, b), load_key(rows.w, b));
      for (var i = 0u; i < TEAM; i++) { weights[i] += heard(own, i) * four_keys; }
    }
    let key_scales = vec4f(key_scale(rows.x), key_scale(rows.y), key_scale(rows.z), key_scale(rows.w));
    let value_scales = vec4f(value_scale(rows.x), value_scale(rows.y), value_scale(rows.z), value_scale(rows.w));
    for (var i = 0u; i < TEAM; i++) {
      let position = step.position + min((first_query + i) / GROUP, last_row);
      let past = min(select(all, position + 1u, CAUSAL == 1u), end);
      let counts = (seen >= vec4u(first_seen(position))) & (seen < vec4u(past));
      let scores = select(vec4f(MASKED), score(key_scales * weights[i]), counts);
      let before = greatest[i];
      greatest[i] = max(before, team_max(max(max(scores.x, scores.y), max(scores.z, scores.w))));
      let kept = exp(before - greatest[i]);
      // Until a query has seen its first key the maximum is MASKED itself: then nothing has any weight.
      let weight = select(vec4f(0.0), exp(scores - greatest[i]), counts);
      sums[i] = sums[i] * kept + dot(weight, vec4f(1.0));
      added_a[i] *= kept;
      added_b[i] *= kept;
      weights[i] = value_scales * weight;
    }
    for (var turn = 0u; turn < turns; turn++) {
      let met = vec4u(start + 4u * ((place + turn) % TEAM)) + NEXT_KEYS;
      let met_rows = cached + min(met, vec4u(end - 1u));
      let a = mat4x4f(
        load_value(met_rows.x, loaded_a), load_value(met_rows.y, loaded_a),
        load_value(met_rows.z, loaded_a), load_value(met_rows.w, loaded_a),
      );
      let b = mat4x4f(
        load_value(met_rows.x, loaded_b), load_value(met_rows.y, loaded_b),
        load_value(met_rows.z, loaded_b), load_value(met_rows.w, loaded_b),
      );
      for (var i = 0u; i < TEAM; i++) {
        added_a[i] += a * weights[i];
        added_b[i] += b * weights[i];
        weights[i] = from_next(weights[i], at);
      }
    }
  }
  for (var i = 0u; i < TEAM; i++) {
    let total = team_sum(sums[i]);
    let query = first_query + i;
    if (query / GROUP < step.count) {
      let row = query / GROUP * HEADS + group.id.y * GROUP + query % GROUP;
      if (block_a < BLOCKS) { store(row, block_a, added_a[i] / total); }
      if (block_b < BLOCKS) { store(row, block_b, added_b[i] / total); }
    }
  }
}
