// attentionPrefill: softmax(q . k * SCALE) . v for the rows of a pass, over the cache, in one sweep of tiles of keys.
//
//   step           position, count
//   q              [T, HEADS, HEAD_DIM]              f32
//   keys, values   [KV_HEADS, capacity, HEAD_DIM]    in the form of the kv-read part; the pass's own are in them already
//   y              [T, HEADS, HEAD_DIM]              f32
//
// A query is (row, head of the group), rows first, so that the query heads of a KV head share its tiles. Workgroup
// (x, y) takes 4 * QUADS queries of KV head y; BLOCKS lanes share four of them, and a vec4 of scores or weights is one
// key's for those four. While scoring, a lane takes keys of the tile, or every SLICES-th four of their dimensions where
// there are more lanes than keys; while adding, each lane owns one four of the dimensions.
// The running maximum and the rescaling of what was added so far are those of the online softmax.
// The wrapper picks QUADS and TILE so that workgroup memory stays below 16 KiB and the workgroup at 256 lanes.
// Compute-bound: 4 * HEAD_DIM flops a query and key.
override HEADS: u32;
override GROUP: u32;      // query heads of a KV head
override CAUSAL: u32;     // 1: row r sees 0 ... position + r; 0: every row sees all of position + count
override QUADS: u32;      // fours of queries
override TILE: u32;       // keys
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

override SLICES: u32 = max(1u, BLOCKS / TILE);
override KEY_LANES: u32 = min(TILE, BLOCKS);   // lanes of a four that own keys
override STRIDE: u32 = BLOCKS | 1u;            // odd, so that lanes reading different keys meet different banks

var<workgroup> tile: array<vec4f, TILE * STRIDE>;             // keys, then values
var<workgroup> scores: array<vec4f, QUADS * SLICES * TILE>;   // then weights, in the first slice
var<workgroup> lane_quads: array<vec4f, QUADS * KEY_LANES>;   // maxima, in the end sums: one of each lane that owns keys

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first_query = group.id.x * QUADS * 4u;
  if (first_query / GROUP >= step.count) { return; }
  let last_row = min((first_query + QUADS * 4u - 1u) / GROUP, step.count - 1u);
  let all = step.position + step.count;
  let end = min(select(all, step.position + last_row + 1u, CAUSAL == 1u), capacity());
  let begin = first_seen(step.position + first_query / GROUP);
  let cached = group.id.y * capacity();   // row of the cache where this head begins

  let quad = at.index / BLOCKS;
  let lane = at.index % BLOCKS;
  let queries = vec4u(first_query + 4u * quad) + vec4u(0u, 1u, 2u, 3u);
  let rows = min(queries / GROUP, vec4u(last_row));   // queries past the last repeat its row and are not written
  let q_rows = rows * HEADS + group.id.y * GROUP + queries % GROUP;
  let positions = step.position + rows;
  let first_keys = vec4u(first_seen(positions.x), first_seen(positions.y), first_seen(positions.z), first_seen(positions.w));
  let past_keys = min(select(vec4u(all), positions + 1u, CAUSAL == 1u), vec4u(end));

  var maxima = vec4f(MASKED);
  var sums = vec4f(0.0);     // of the weights of this lane's keys
  var added0 = vec4f(0.0);   // one of each query, for this lane's dimensions
  var added1 = vec4f(0.0);
  var added2 = vec4f(0.0);
  var added3 = vec4f(0.0);
  for (var start = begin; start < end; start += TILE) {
    // Keys past the end repeat the last one; their scores are masked.
    for (var i = at.index; i < TILE * BLOCKS; i += LANES) {
      let row = cached + min(start + i / BLOCKS, end - 1u);
      tile[i / BLOCKS * STRIDE + i % BLOCKS] = key_scale(row) * load_key(row, i % BLOCKS);
    }
    workgroupBarrier();

    for (var i = lane; i < SLICES * TILE; i += BLOCKS) {
      let key = (i % TILE) * STRIDE;
      var products = vec4f(0.0);
      for (var b = i / TILE; b < BLOCKS; b += SLICES) {
        let four = tile[key + b];
        products += vec4f(
          dot(load_query(q_rows.x, b), four),
          dot(load_query(q_rows.y, b), four),
          dot(load_query(q_rows.z, b), four),
          dot(load_query(q_rows.w, b), four),
        );
      }
      scores[quad * SLICES * TILE + i] = products;
    }
    workgroupBarrier();

    if (lane < KEY_LANES) {
      var greatest = vec4f(MASKED);
      for (var i = lane; i < TILE; i += BLOCKS) {
        let at_key = quad * SLICES * TILE + i;
        var products = scores[at_key];
        for (var slice = 1u; slice < SLICES; slice++) { products += scores[at_key + slice * TILE]; }
        let key = vec4u(start + i);
        let seen = (key >= first_keys) & (key < past_keys);
        let masked = select(vec4f(MASKED), score(products), seen);
        scores[at_key] = masked;
        greatest = max(greatest, masked);
      }
      lane_quads[quad * KEY_LANES + lane] = greatest;
    }
    for (var i = at.index; i < TILE * BLOCKS; i += LANES) {
      let row = cached + min(start + i / BLOCKS, end - 1u);
      tile[i / BLOCKS * STRIDE + i % BLOCKS] = value_scale(row) * load_value(row, i % BLOCKS);
    }
    workgroupBarrier();

    var greatest = maxima;
    for (var i = 0u; i < KEY_LANES; i++) { greatest = max(greatest, lane_quads[quad * KEY_LANES + i]); }
    let kept = exp(maxima - greatest);
    maxima = greatest;
    sums *= kept;
    for (var i = lane; i < TILE; i += BLOCKS) {
      // Until a query has seen its first key the maximum is MASKED itself: then nothing has any weight.
      let masked = scores[quad * SLICES * TILE + i];
      let weights = select(exp(masked - greatest), vec4f(0.0), masked <= vec4f(MASKED));
      scores[quad * SLICES * TILE + i] = weights;
      sums += weights;
    }
    workgroupBarrier();

    added0 *= kept.x;
    added1 *= kept.y;
    added2 *= kept.z;
    added3 *= kept.w;
    for (var i = 0u; i < TILE; i++) {
      let weights = scores[quad * SLICES * TILE + i];
      let four = tile[i * STRIDE + lane];
      added0 += weights.x * four;
      added1 += weights.y * four;
      added2 += weights.z * four;
      added3 += weights.w * four;
    }
    workgroupBarrier();   // the next tile may be written only after all have read this one
  }

  if (lane < KEY_LANES) { lane_quads[quad * KEY_LANES + lane] = sums; }
  workgroupBarrier();
  var total = vec4f(0.0);
  for (var i = 0u; i < KEY_LANES; i++) { total += lane_quads[quad * KEY_LANES + i]; }
  let written = queries / GROUP < vec4u(step.count);
  if (written.x) { store(q_rows.x, lane, added0 / total.x); }
  if (written.y) { store(q_rows.y, lane, added1 / total.y); }
  if (written.z) { store(q_rows.z, lane, added2 / total.z); }
  if (written.w) { store(q_rows.w, lane, added3 / total.w); }
}
