// argmax, second stage: the best of each row's chunks.
//
//   partial  [R, CHUNKS, 2]   u32   ordered(value), column
//   ids      [R]              u32
//
// One workgroup a row.
override CHUNKS: u32;
@group(0) @binding(0) var<storage, read> partial: array<Best>;
@group(0) @binding(1) var<storage, read_write> ids: array<u32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.y * group.grid.x + group.id.x;
  if (row >= arrayLength(&ids)) { return; }   // the same in every lane, so the barriers stay uniform
  var best = no_best();
  for (var chunk = at.index; chunk < CHUNKS; chunk += LANES) {
    best = better(best, partial[row * CHUNKS + chunk]);
  }
  best = best_lanes(best, at);
  if (at.index == 0u) { ids[row] = best.index; }
}
