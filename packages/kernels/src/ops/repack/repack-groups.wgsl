// repack, scales and zeros: a matrix each, transposed into a word (two for f32 scales) a group.
//
//   scales  [groups, N]         f16, bf16 (two a word) or f32
//   zeros   [groups, N * bits / 32]  u32   packed along N: GPTQ's in order, AWQ's as its values
//   target  [rows, stride]      u32   rows of the block; this slice's groups begin at first_word
//
// GPTQ's first format stores zeros less one: ADDED is 1 there. One lane a group.
override BITS: u32;
override ADDED: u32;
override AWQ: bool;
@group(0) @binding(0) var<storage, read> scales: array<u32>;
@group(0) @binding(1) var<storage, read> zeros: array<u32>;
@group(0) @binding(2) var<storage, read_write> target_groups: array<u32>;
@group(0) @binding(3) var<uniform> slice: Slice;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let index = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;
  let row = index % slice.rows;
  let from_group = index / slice.rows;
  if (from_group >= slice.words) { return; }
  let n = slice.first_row + row;
  let per_word = 32u / BITS;
  let field = select(n % per_word, awq_field(n % 8u), AWQ);
  let word = zeros[from_group * (slice.source_stride / per_word) + n / per_word];
  let zero = extractBits(word, BITS * field, BITS) + ADDED;
  store_group(row * slice.stride, slice.first_word + from_group, from_group * slice.source_stride + n, zero);
}
