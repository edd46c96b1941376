// repack, AWQ's values: words packed along N, even columns in the low half of a word and odd ones in the high half.
//
//   source  [8 * words, N / 8]  u32   this slice's inputs, eight outputs a word
//   target  [rows, stride]      u32   rows of the block; word k of a row is inputs 8 (k - first_word) on of this slice
//
// One lane a word of the target. Bandwidth-bound: eight lanes share the words they read, by way of the cache.
@group(0) @binding(0) var<storage, read> source: array<u32>;
@group(0) @binding(1) var<storage, read_write> target_values: array<u32>;
@group(0) @binding(2) var<uniform> slice: Slice;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  let row = index % slice.rows;
  let word = index / slice.rows;
  if (word >= slice.words) { return; }
  let n = slice.first_row + row;
  let shift = 4u * awq_field(n % 8u);
  var packed = 0u;
  for (var i = 0u; i < 8u; i++) {
    packed |= extractBits(source[(8u * word + i) * slice.source_stride + n / 8u], shift, 4u) << (4u * i);
  }
  target_values[row * slice.stride + slice.first_word + word] = packed;
}
