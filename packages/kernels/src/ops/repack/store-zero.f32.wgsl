// An f32 scale, and the offset -scale * zero as the nearest f32.
fn store_group(row_start: u32, to: u32, scale: u32, zero: u32) {
  let value = bitcast<f32>(scales[scale]);
  target_groups[row_start + 2u * to] = scales[scale];
  target_groups[row_start + 2u * to + 1u] = bitcast<u32>(-value * f32(zero));
}
