// attentionDecode on a software adapter, second dispatch: values weighted by the softmax of attention-scores.wgsl.
//
//   step           position, count
//   values         [KV_HEADS, capacity, HEAD_DIM]    f32
//   partials       [HEADS, splits, WIDTH]            f32   here a row of scores a head, by key
//   y              [1, HEADS, HEAD_DIM]              f32
//
// A lane takes one four of the dimensions of one head, and computes the softmax for itself: no barriers.
override HEADS: u32;
override GROUP: u32;   // query heads of a KV head
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read> partials: array<f32>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.x * LANES + at.index;
  let head = id / BLOCKS;
  if (step.count == 0u || head >= HEADS) { return; }
  let context = min(step.position + 1u, capacity());
  let first = first_seen(context - 1u);
  let cached = head / GROUP * capacity();
  let scores = head * (arrayLength(&partials) / HEADS);
  var greatest = MASKED;
  for (var key = first; key < context; key++) { greatest = max(greatest, partials[scores + key]); }
  var weights = 0.0;
  var added = vec4f(0.0);
  for (var key = first; key < context; key++) {
    let weight = exp(partials[scores + key] - greatest);
    weights += weight;
    added += weight * load_value(cached + key, id % BLOCKS);
  }
  store(head, id % BLOCKS, added / weights);
}
