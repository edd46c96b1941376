// Groups, f32: the scale, then the offset.
@group(0) @binding(1) var<storage, read> groups: array<vec2f>;

fn scale_and_offset(group: u32) -> vec2f {
  return groups[group];
}
