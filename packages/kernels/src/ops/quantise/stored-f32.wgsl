// Scale and offset as f32: two words, scale first.
const GROUP_WORDS = 2u;
const STORED_ULP = 0.0;
const STORED_SMALLEST = 1.1754943508222875e-38;   // 2^-126

fn stored(x: f32) -> f32 {
  return x;
}

fn store_group(at: u32, grid: Grid) {
  target_groups[at] = bitcast<u32>(grid.scale);
  target_groups[at + 1u] = bitcast<u32>(grid.offset);
}
