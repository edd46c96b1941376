// Groups, f16 with a zero: a word each, the scale in its low half and an integer zero in its high half; w = scale * (q - zero).
// -scale * zero is no f16 number in general, but it is an f32 number: 11 bits times at most 9. So nothing is rounded.
@group(0) @binding(1) var<storage, read> groups: array<u32>;

fn scale_and_offset(group: u32) -> vec2f {
  let word = groups[group];
  let scale = unpack2x16float(word & 0xffffu).x;
  return vec2f(scale, -scale * f32(word >> 16u));
}
