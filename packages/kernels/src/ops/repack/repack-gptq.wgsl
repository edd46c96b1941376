// repack, GPTQ's values: words packed along K, so that a word is one of ours already, transposed.
//
//   source  [words, N]      u32   this slice's words: fields of 32 / bits neighbouring inputs, low bits first
//   target  [rows, stride]  u32   rows of the block; word k of a row is this slice's word k - first_word
//
// One lane a word; neighbouring lanes read neighbouring words. Bandwidth-bound: 8 bytes a word.
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> target_values: array<u32>;
@group(0) @binding(2) var<uniform> slice: Slice;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  let row = index % slice.rows;
  let word = index / slice.rows;
  if (word >= slice.words) { return; }
  target_values[row * slice.stride + slice.first_word + word] = source[word * slice.source_stride + slice.first_row + row];
}
