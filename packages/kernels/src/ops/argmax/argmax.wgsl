// argmax, first stage: the best logit of each chunk of a row.
//
//   logits   [R, WIDTH]       f32
//   partial  [R, CHUNKS, 2]   u32   ordered(value), column
//
// One workgroup a chunk of SPAN columns, so that a single row keeps the whole GPU busy. Of equal logits the first
// wins. Bandwidth-bound: 4 bytes a logit.
override WIDTH: u32;
override CHUNKS: u32;
override SPAN: u32;
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> partial: array<Best>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  if (id >= arrayLength(&partial)) { return; }   // the same in every lane, so the barriers stay uniform
  let start = (id / CHUNKS) * WIDTH;
  let first = (id % CHUNKS) * SPAN;
  var best = no_best();
  for (var column = first + at.index; column < min(first + SPAN, WIDTH); column += LANES) {
    best = better(best, Best(ordered(logits[start + column]), column));
  }
  best = best_lanes(best, at);
  if (at.index == 0u) { partial[id] = best; }
}
