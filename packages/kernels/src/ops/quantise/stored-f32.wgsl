// Scale and offset as f32: two words, scale first.
const GROUP_WORDS = 2u;
const STORED_ULP = 0.0;

fn stored(x: f32) -> f32 {
  return x;
}

fn store_group(at: u32, grid: Grid) {
  target_groups[at] = bitcast<u32>(grid.scale);
  target_groups[at + 1u] = bitcast<u32>(grid.offset);
}
