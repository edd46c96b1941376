// Groups, bf16: a word each, the scale in its low half and the offset in its high half.
@group(0) @binding(1) var<storage, read> groups: array<u32>;

fn scale_and_offset(group: u32) -> vec2f {
  let word = groups[group];
  return bitcast<vec2f>(vec2u(word << 16u, word & 0xffff0000u));
}
