// Groups, f16: a word each, the scale in its low half and the offset in its high half. Exact without shader-f16.
@group(0) @binding(1) var<storage, read> groups: array<u32>;

fn scale_and_offset(group: u32) -> vec2f {
  return unpack2x16float(groups[group]);
}
