// int4 weights as they are kept in workgroup memory: eight columns of a row are the word they were. Goes with weights.int4.wgsl.
alias Packed8 = u32;

fn packed8(row: u32, k8: u32) -> Packed8 {
  return weights[row * K8 + k8];
}

// The first four of the columns, or the other four.
fn unpacked_low(columns: Packed8, affine: vec2f) -> vec4f {
  return placed_nibbles(columns) * (affine.x * ONE_PLACE) + affine.y;
}

fn unpacked_high(columns: Packed8, affine: vec2f) -> vec4f {
  return placed_nibbles(columns >> 16u) * (affine.x * ONE_PLACE) + affine.y;
}
