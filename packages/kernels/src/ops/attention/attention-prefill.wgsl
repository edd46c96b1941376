// attentionPrefill: softmax(q . k * SCALE) . v for the rows of a pass, over the cache, in one sweep of tiles of keys.
//
//   step           position, count
//   q              [T, HEADS, HEAD_DIM]              f32
//   keys, values   [KV_HEADS, CAPACITY, HEAD_DIM]    f32   the pass's own are in the cache already
//   y              [T, HEADS, HEAD_DIM]              f32
//
// A query of the tile is (row, head of the group), rows first, so that the query heads of a KV head share its tiles.
// Workgroup (x, y) takes 8 * QUERIES queries of KV head y; its 64 lanes are 8 x 8. While scoring, lane (i, j) owns
// QUERIES queries and KEYS keys; while adding, the same queries and every eighth four of the dimensions. The tile part
// sets both by the head size, so that registers and workgroup memory (at most 13.5 KiB) suffice.
// The running maximum and the rescaling of what was added so far are those of the online softmax.
// Compute-bound: 4 * HEAD_DIM flops a query and key.
override HEADS: u32;
override GROUP: u32;      // query heads of a KV head
override CAPACITY: u32;
override ROWS: u32;       // T
override CAUSAL: u32;     // 1: row r sees 0 ... position + r; 0: every row sees all of position + count
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

const SIDE = 8u;
const TILE_QUERIES = SIDE * QUERIES;
const TILE_KEYS = SIDE * KEYS;
override STRIDE: u32 = BLOCKS | 1u;   // odd, so that lanes reading different keys meet different banks

var<workgroup> tile: array<vec4f, TILE_KEYS * STRIDE>;                 // keys, then values
var<workgroup> weights: array<f32, TILE_QUERIES * TILE_KEYS>;
var<workgroup> query_values: array<f32, TILE_QUERIES * SIDE>;           // of each query, one a lane that works on it

@compute @workgroup_size(64)
fn main(group: Workgroup, at: Lane) {
  let first_query = group.id.x * TILE_QUERIES;
  if (first_query / GROUP >= step.count) { return; }
  let kv_head = group.id.y;
  let i = at.index / SIDE;
  let j = at.index % SIDE;

  let last_row = min((first_query + TILE_QUERIES - 1u) / GROUP, step.count - 1u);
  let all = step.position + step.count;
  let end = min(select(all, step.position + last_row + 1u, CAUSAL == 1u), CAPACITY);
  let begin = first_seen(step.position + first_query / GROUP);

  var query_rows: array<u32, QUERIES>;    // of q and y
  var first: array<u32, QUERIES>;         // the keys each query sees: first up to, not including, past
  var past: array<u32, QUERIES>;
  var maxima: array<f32, QUERIES>;
  var sums: array<f32, QUERIES>;          // of this lane's keys
  var added: array<array<vec4f, COLUMNS>, QUERIES>;
  for (var n = 0u; n < QUERIES; n++) {
    let query = first_query + i * QUERIES + n;
    let row = min(query / GROUP, ROWS - 1u);   // queries past the last repeat it and are not written
    query_rows[n] = row * HEADS + kv_head * GROUP + query % GROUP;
    first[n] = first_seen(step.position + row);
    past[n] = min(select(all, step.position + row + 1u, CAUSAL == 1u), end);
    maxima[n] = MASKED;
  }

  for (var start = begin; start < end; start += TILE_KEYS) {
    for (var n = at.index; n < TILE_KEYS * BLOCKS; n += 64u) {
      let key = min(start + n / BLOCKS, end - 1u);
      tile[n / BLOCKS * STRIDE + n % BLOCKS] = load_key(kv_head * CAPACITY + key, n % BLOCKS);
    }
    workgroupBarrier();

    // A vec4 holds one query's scores; with fewer keys than 4 a lane, the rest of it stays masked.
    var scores = array<vec4f, QUERIES>();
    for (var b = 0u; b < BLOCKS; b++) {
      var four: array<vec4f, KEYS>;
      for (var k = 0u; k < KEYS; k++) { four[k] = tile[(j + SIDE * k) * STRIDE + b]; }
      for (var n = 0u; n < QUERIES; n++) {
        let query = load_query(query_rows[n], b);
        for (var k = 0u; k < KEYS; k++) { scores[n][k] += dot(query, four[k]); }
      }
    }
    let seen = vec4u(start + j) + SIDE * vec4u(0u, 1u, 2u, 3u);
    for (var n = 0u; n < QUERIES; n++) {
      let visible = (seen >= vec4u(first[n])) & (seen < vec4u(past[n])) & (vec4u(0u, 1u, 2u, 3u) < vec4u(KEYS));
      scores[n] = select(vec4f(MASKED), score(scores[n]), visible);
      let greatest = max(max(scores[n].x, scores[n].y), max(scores[n].z, scores[n].w));
      query_values[(i * QUERIES + n) * SIDE + j] = greatest;
    }
    workgroupBarrier();

    for (var n = 0u; n < QUERIES; n++) {
      let query = i * QUERIES + n;
      var greatest = maxima[n];
      for (var lane = 0u; lane < SIDE; lane++) { greatest = max(greatest, query_values[query * SIDE + lane]); }
      // Until a query has seen its first key the maximum is MASKED itself: then nothing has any weight.
      let weight = select(exp(scores[n] - greatest), vec4f(0.0), scores[n] <= vec4f(MASKED));
      let kept = exp(maxima[n] - greatest);
      maxima[n] = greatest;
      sums[n] = sums[n] * kept + dot(weight, vec4f(1.0));
      for (var c = 0u; c < COLUMNS; c++) { added[n][c] *= kept; }
      for (var k = 0u; k < KEYS; k++) { weights[query * TILE_KEYS + j + SIDE * k] = weight[k]; }
    }
    for (var n = at.index; n < TILE_KEYS * BLOCKS; n += 64u) {
      let key = min(start + n / BLOCKS, end - 1u);
      tile[n / BLOCKS * STRIDE + n % BLOCKS] = load_value(kv_head * CAPACITY + key, n % BLOCKS);
    }
    workgroupBarrier();

    for (var k = 0u; k < TILE_KEYS; k++) {
      var four: array<vec4f, COLUMNS>;
      for (var c = 0u; c < COLUMNS; c++) { four[c] = tile[k * STRIDE + min(j + SIDE * c, BLOCKS - 1u)]; }
      for (var n = 0u; n < QUERIES; n++) {
        let weight = weights[(i * QUERIES + n) * TILE_KEYS + k];
        for (var c = 0u; c < COLUMNS; c++) { added[n][c] += weight * four[c]; }
      }
    }
    workgroupBarrier();   // the next tile may be written only after all have read this one
  }

  for (var n = 0u; n < QUERIES; n++) { query_values[(i * QUERIES + n) * SIDE + j] = sums[n]; }
  workgroupBarrier();
  for (var n = 0u; n < QUERIES; n++) {
    let query = i * QUERIES + n;
    if ((first_query + query) / GROUP >= step.count) { continue; }
    var sum = 0.0;
    for (var lane = 0u; lane < SIDE; lane++) { sum += query_values[query * SIDE + lane]; }
    for (var c = 0u; c < COLUMNS; c++) {
      let d = 4u * (j + SIDE * c);
      let four = added[n][c] / sum;
      for (var e = 0u; e < 4u; e++) {
        if (d + e < HEAD_DIM) { y[query_rows[n] * HEAD_DIM + d + e] = four[e]; }
      }
    }
  }
}
