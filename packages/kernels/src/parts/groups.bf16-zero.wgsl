// Groups, bf16 with a zero: a word each, the scale in its low half and an integer zero in its high half; w = scale * (q - zero).
@group(0) @binding(1) var<storage, read> groups: array<u32>;

fn scale_and_offset(group: u32) -> vec2f {
  let word = groups[group];
  let scale = bitcast<f32>(word << 16u);
  return vec2f(scale, -scale * f32(word >> 16u));
}
