// Scale and offset as bf16: one word, scale in the low half.
const GROUP_WORDS = 1u;
const STORED_ULP = 0.00390625;   // 2^-8: neighbouring bf16 numbers are at most this far apart, relative to either
const STORED_SMALLEST = 1.1754943508222875e-38;   // 2^-126

// The bf16 number nearest to a finite x, ties to even. What rounds past the greatest becomes the greatest.
fn bf16_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude < 0x00800000u) { return sign; }   // devices may read a subnormal as zero: so do we
  return sign | min((magnitude + 0x7fffu + ((magnitude >> 16u) & 1u)) >> 16u, 0x7f7fu);
}

fn stored(x: f32) -> f32 {
  return bitcast<f32>(bf16_bits(x) << 16u);
}

fn store_group(at: u32, grid: Grid) {
  target_groups[at] = bf16_bits(grid.scale) | (bf16_bits(grid.offset) << 16u);
}
