// attentionTexts: softmax(q . k * SCALE) . v in both directions, for texts that stand one after the other in one pass.
//
//   step            position (unused), count
//   q, keys, values [T, HEADS, HEAD_DIM]   f32
//   y               [T, HEADS, HEAD_DIM]   f32
//   texts           [T, 2]                 u32   of each row: the first row of its text, and the one past its last
//
// No padding and no mask: a row walks over its own text and nothing else. A lane takes a whole query, and neighbouring
// lanes take neighbouring rows of one head, so that lanes of one text read the same key at a time. Four keys at a time;
// what was added so far is rescaled when the maximum grows.
override HEADS: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read_write> y: array<f32>;
@group(0) @binding(5) var<storage, read> texts: array<vec2u>;

var<private> added: array<vec4f, 64>;   // BLOCKS of them are used

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let query = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;   // rows of the first head first
  if (query >= HEADS * step.count) { return; }
  let row = query % step.count;
  let head = query / step.count;
  let own = row * HEADS + head;   // row of q and y
  let text = texts[row];
  let end = min(text.y, step.count);
  let blocks = BLOCKS * min(step.count, 1u);   // BLOCKS, but unknown while compiling: unrolled, this takes llvmpipe a minute
  for (var b = 0u; b < blocks; b++) { added[b] = vec4f(0.0); }
  var greatest = MASKED;
  var weights = vec4f(0.0);
  for (var start = text.x; start < end; start += 4u) {
    // Keys past the end repeat the last one; their scores are masked.
    let keys_seen = vec4u(start) + vec4u(0u, 1u, 2u, 3u);
    let rows = min(keys_seen, vec4u(end - 1u)) * HEADS + head;
    var products = vec4f(0.0);
    for (var b = 0u; b < blocks; b++) {
      let four = load_query(own, b);
      products += vec4f(
        dot(four, load_key(rows.x, b)),
        dot(four, load_key(rows.y, b)),
        dot(four, load_key(rows.z, b)),
        dot(four, load_key(rows.w, b)),
      );
    }
    let scores = select(vec4f(MASKED), score(products), keys_seen < vec4u(end));
    let before = greatest;
    greatest = max(max(max(scores.x, scores.y), max(scores.z, scores.w)), before);
    let kept = exp(before - greatest);
    let weight = exp(scores - greatest);
    weights = weights * kept + weight;
    for (var b = 0u; b < blocks; b++) {
      added[b] = added[b] * kept
        + weight.x * load_value(rows.x, b)
        + weight.y * load_value(rows.y, b)
        + weight.z * load_value(rows.z, b)
        + weight.w * load_value(rows.w, b);
    }
  }
  let total = dot(weights, vec4f(1.0));
  for (var b = 0u; b < blocks; b++) { store(own, b, added[b] / total); }
}
