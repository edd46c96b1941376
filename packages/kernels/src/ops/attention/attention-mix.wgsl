// attentionDecode on a software adapter, second dispatch: values weighted as attention-scores.wgsl found.
//
//   step           position, count
//   values         [KV_HEADS, capacity, HEAD_DIM]    in the form of the kv-read part
//   partials       [HEADS, splits, WIDTH]            f32   of 64 keys the weights, then the greatest score of each four
//   y              [1, HEADS, HEAD_DIM]              f32
//
// A lane takes one four of the dimensions for HEADS_AT_ONCE query heads of a KV head, so that values are read once for
// all of them; workgroup (x, y) takes LANES fours of the dimensions for one such share of a group. The lanes of a team
// load the weights for each other. No barriers.
override HEADS: u32;
override GROUP: u32;         // query heads of a KV head
override HEAD_BLOCKS: u32;   // workgroups that a group is dealt out to
override HEADS_AT_ONCE: u32; // of each of them, 1 to 4; the last may have fewer
override WIDTH: u32;         // a multiple of 4
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(4) var<storage, read> partials: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> y: array<f32>;

const SPLIT = 64u;   // keys
const FOURS = SPLIT / 4u;

fn four_of(head: u32, four: u32) -> u32 {
  let splits = arrayLength(&partials) / (HEADS * WIDTH / 4u);
  return (head * splits + four / FOURS) * (WIDTH / 4u);
}

fn greatest_of(head: u32, four: u32) -> f32 {
  return partials[four_of(head, four) + FOURS + four % FOURS / 4u][four % 4u];
}

// The weights of four keys, those of the whole context being exp(score - greatest).
fn weights_of(head: u32, four: u32, greatest: f32) -> vec4f {
  return partials[four_of(head, four) + four % FOURS] * exp(greatest_of(head, four) - greatest);
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  if (step.count == 0u) { return; }
  let kv_head = group.id.y / HEAD_BLOCKS;
  let head_block = group.id.y % HEAD_BLOCKS;
  let b = min(group.id.x * LANES + at.index, BLOCKS - 1u);   // lanes past the last repeat it and write the same
  let context = min(step.position + 1u, capacity());
  let first = first_seen(context - 1u) / 4u;   // fours, from here on
  let end = (context + 3u) / 4u;
  let head = kv_head * GROUP + head_block * HEADS_AT_ONCE;
  let heads = min(HEADS_AT_ONCE, GROUP - head_block * HEADS_AT_ONCE);
  let all = vec4u(head) + min(vec4u(0u, 1u, 2u, 3u), vec4u(heads - 1u));   // past the last it repeats and is not written

  var greatest = vec4f(MASKED);
  for (var four = first + team_place(at); four < end; four += TEAM) {
    greatest.x = max(greatest.x, greatest_of(all.x, four));
    if (HEADS_AT_ONCE > 1u) { greatest.y = max(greatest.y, greatest_of(all.y, four)); }
    if (HEADS_AT_ONCE > 2u) { greatest.z = max(greatest.z, greatest_of(all.z, four)); }
    if (HEADS_AT_ONCE > 3u) { greatest.w = max(greatest.w, greatest_of(all.w, four)); }
  }
  let own_greatest = greatest;
  for (var place = 0u; place < TEAM; place++) { greatest = max(greatest, heard(own_greatest, place)); }

  var own_sums = vec4f(0.0);
  var added0 = vec4f(0.0);
  var added1 = vec4f(0.0);
  var added2 = vec4f(0.0);
  var added3 = vec4f(0.0);
  for (var base = first; base < end; base += TEAM) {
    // Each lane's own of the next TEAM fours of keys; nothing has any weight past the last.
    let own = min(base + team_place(at), end - 1u);
    let counts = f32(base + team_place(at) < end);
    let weights0 = counts * weights_of(all.x, own, greatest.x);
    var weights1 = vec4f(0.0);
    var weights2 = vec4f(0.0);
    var weights3 = vec4f(0.0);
    if (HEADS_AT_ONCE > 1u) { weights1 = counts * weights_of(all.y, own, greatest.y); }
    if (HEADS_AT_ONCE > 2u) { weights2 = counts * weights_of(all.z, own, greatest.z); }
    if (HEADS_AT_ONCE > 3u) { weights3 = counts * weights_of(all.w, own, greatest.w); }
    let ones = vec4f(1.0);
    own_sums += vec4f(dot(weights0, ones), dot(weights1, ones), dot(weights2, ones), dot(weights3, ones));
    for (var place = 0u; place < min(TEAM, end - base); place++) {
      let keys_mixed = vec4u(4u * (base + place)) + vec4u(0u, 1u, 2u, 3u);
      let rows = kv_head * capacity() + min(keys_mixed, vec4u(context - 1u));
      let v = mat4x4f(
        value_scale(rows.x) * load_value(rows.x, b),
        value_scale(rows.y) * load_value(rows.y, b),
        value_scale(rows.z) * load_value(rows.z, b),
        value_scale(rows.w) * load_value(rows.w, b),
      );
      added0 += v * heard(weights0, place);
      if (HEADS_AT_ONCE > 1u) { added1 += v * heard(weights1, place); }
      if (HEADS_AT_ONCE > 2u) { added2 += v * heard(weights2, place); }
      if (HEADS_AT_ONCE > 3u) { added3 += v * heard(weights3, place); }
    }
  }
  var sums = vec4f(0.0);
  for (var place = 0u; place < TEAM; place++) { sums += heard(own_sums, place); }
  store(all.x, b, added0 / sums.x);
  if (heads > 1u) { store(all.y, b, added1 / sums.y); }
  if (heads > 2u) { store(all.z, b, added2 / sums.z); }
  if (heads > 3u) { store(all.w, b, added3 / sums.w); }
}
