// fillRamp: words[i] = i, so that the sum that readBandwidth makes is known beforehand.
//
//   words  [N]  u32
//
// A workgroup fills SPAN words.
override SPAN: u32;
@group(0) @binding(0) var<storage, read_write> words: array<u32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first = (group.id.y * group.grid.x + group.id.x) * SPAN;
  for (var i = first + at.index; i < min(first + SPAN, arrayLength(&words)); i += LANES) { words[i] = i; }
}
