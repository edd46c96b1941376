// repack, GPTQ's values with act-order: the columns go where `places` says, sorted by group.
//
//   source  [words, N]      u32   this slice's words: fields of 32 / bits neighbouring inputs, low bits first
//   target  [rows, stride]  u32   rows of the block, zero before the first slice
//   places  [K]             u32   the column at which each input is kept
//
// One lane a word of the source. Its fields end up in several words of the target, each of which several lanes fill: so
// they are added by atomics, which is slow and done once a load.
override BITS: u32;
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> target_values: array<atomic<u32>>;
@group(0) @binding(2) var<storage, read> places: array<u32>;
@group(0) @binding(3) var<uniform> slice: Slice;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  let row = index % slice.rows;
  let word = index / slice.rows;
  if (word >= slice.words) { return; }
  let fields = source[word * slice.source_stride + slice.first_row + row];
  let per_word = 32u / BITS;
  for (var i = 0u; i < per_word; i++) {
    let place = places[(slice.first_word + word) * per_word + i];
    let field = extractBits(fields, BITS * i, BITS) << (BITS * (place % per_word));
    atomicOr(&target_values[row * slice.stride + place / per_word], field);
  }
}
