// A scale of 16 bits and a zero make one word.
fn store_group(row_start: u32, to: u32, scale: u32, zero: u32) {
  let halves = scales[scale / 2u];
  target_groups[row_start + to] = extractBits(halves, 16u * (scale % 2u), 16u) | (zero << 16u);
}
