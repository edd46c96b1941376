// topTokens: the likeliest next tokens of each row, with their log-probabilities.
//
//   step      position, count
//   logits    [T, V]         f32
//   result    [T, KEPT, 2]   f32   token, log softmax(logits)[token] in nats; likeliest first, token -1 past the vocabulary
//
// Each lane keeps the best of what it sees, in order; then the lanes' best are taken one by one. Of equal logits the
// first is the likelier. Tokens are f32 values, exact up to 2^24. One workgroup a row, two passes. Bandwidth-bound: 8
// bytes a logit.
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read_write> result: array<vec2f>;

const KEPT = 5u;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.y * group.grid.x + group.id.x;
  if (row >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let width = arrayLength(&logits) / (arrayLength(&result) / KEPT);   // read, not an override: one pipeline serves every model
  let start = row * width;

  var kept: array<Best, KEPT>;
  for (var k = 0u; k < KEPT; k++) { kept[k] = no_best(); }
  for (var i = at.index; i < width; i += LANES) {
    var next = Best(ordered(logits[start + i]), i);
    if (next.key <= kept[KEPT - 1u].key) { continue; }
    for (var k = 0u; k < KEPT; k++) {
      let before = kept[k];
      let first = better(before, next);
      if (first.index == next.index) { next = before; }
      kept[k] = first;
    }
  }

  var greatest = 0.0;
  var log_sum = 0.0;
  for (var place = 0u; place < KEPT; place++) {
    let best = best_lanes(kept[0], at);
    if (best.index == kept[0].index) {
      for (var k = 1u; k < KEPT; k++) { kept[k - 1u] = kept[k]; }
      kept[KEPT - 1u] = no_best();
    }
    let logit = unordered(best.key);
    if (place == 0u) {
      greatest = logit;
      var sum = 0.0;
      for (var i = at.index; i < width; i += LANES) { sum += exp(max(logits[start + i] - greatest, -80.0)); }
      log_sum = log(sum_lanes(sum, at));
    }
    if (at.index == 0u) {
      var entry = vec2f(f32(best.index), max(logit - greatest, -1e30) - log_sum);
      if (place >= width) { entry = vec2f(-1.0, -1e30); }
      result[row * KEPT + place] = entry;
    }
  }
}
