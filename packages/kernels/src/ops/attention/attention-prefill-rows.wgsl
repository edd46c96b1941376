// attentionPrefill on a software adapter: as attention-prefill.wgsl, but a lane takes a whole query and there are no
// barriers, which cost such an adapter more than the work between them.
//
//   step           position, count
//   q              [T, HEADS, HEAD_DIM]              f32
//   keys, values   [KV_HEADS, capacity, HEAD_DIM]    in the form of the kv-read part; the pass's own are in them already
//   y              [T, HEADS, HEAD_DIM]              f32
//
// Four keys at a time; what was added so far is rescaled when the maximum grows.
override HEADS: u32;
override GROUP: u32;    // query heads of a KV head
override CAUSAL: u32;   // 1: row r sees 0 ... position + r; 0: every row sees all of position + count
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;

var<private> added: array<vec4f, 64>;   // BLOCKS of them are used

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let query = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;   // a row of q and y
  let row = query / HEADS;
  if (row >= step.count) { return; }
  let position = step.position + row;
  let end = min(select(step.position + step.count, position + 1u, CAUSAL == 1u), capacity());
  let cached = query % HEADS / GROUP * capacity();
  let blocks = BLOCKS * min(step.count, 1u);   // BLOCKS, but unknown while compiling: unrolled, this takes llvmpipe a minute
  var greatest = MASKED;
  var weights = vec4f(0.0);
  for (var start = first_seen(position); start < end; start += 4u) {
    // Keys past the end repeat the last one; their scores are masked.
    let keys_seen = vec4u(start) + vec4u(0u, 1u, 2u, 3u);
    let rows = cached + min(keys_seen, vec4u(end - 1u));
    var products = vec4f(0.0);
    for (var b = 0u; b < blocks; b++) {
      let four = load_query(query, b);
      products += vec4f(
        dot(four, load_key(rows.x, b)),
        dot(four, load_key(rows.y, b)),
        dot(four, load_key(rows.z, b)),
        dot(four, load_key(rows.w, b)),
      );
    }
    let key_scales = vec4f(key_scale(rows.x), key_scale(rows.y), key_scale(rows.z), key_scale(rows.w));
    let scores = select(vec4f(MASKED), score(key_scales * products), keys_seen < vec4u(end));
    let before = greatest;
    greatest = max(max(max(scores.x, scores.y), max(scores.z, scores.w)), before);
    let kept = exp(before - greatest);
    let weight = exp(scores - greatest);
    weights = weights * kept + weight;
    let scaled = weight * vec4f(value_scale(rows.x), value_scale(rows.y), value_scale(rows.z), value_scale(rows.w));
    for (var b = 0u; b < blocks; b++) {
      added[b] = added[b] * kept
        + scaled.x * load_value(rows.x, b)
        + scaled.y * load_value(rows.y, b)
        + scaled.z * load_value(rows.z, b)
        + scaled.w * load_value(rows.w, b);
    }
  }
  let total = dot(weights, vec4f(1.0));
  for (var b = 0u; b < blocks; b++) { store(query, b, added[b] / total); }
}
