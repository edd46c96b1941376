// Scale and offset as f16: one word, scale in the low half.
const GROUP_WORDS = 1u;
const STORED_ULP = 0.0009765625;   // 2^-10: neighbouring f16 numbers are at most this far apart, relative to either
const STORED_SMALLEST = 5.9604644775390625e-8;     // 2^-24

// The f16 number nearest to a finite x, ties to even. What rounds past the greatest becomes the greatest, 65504.
// By hand, because pack2x16float may round either way and is undefined past the range.
fn f16_bits(x: f32) -> u32 {
  let bits = bitcast<u32>(x);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7fffffffu;
  if (magnitude < 0x38800000u) {   // below 2^-14: subnormal, counted in units of 2^-24; round() takes ties to even
    return sign | u32(round(abs(x) * 16777216.0));
  }
  let rebiased = min(magnitude, 0x47800000u) - 0x38000000u;
  return sign | min((rebiased + 0xfffu + ((rebiased >> 13u) & 1u)) >> 13u, 0x7bffu);
}

fn f16_value(half: u32) -> f32 {
  let sign = (half & 0x8000u) << 16u;
  let magnitude = half & 0x7fffu;
  if (magnitude < 0x400u) { return bitcast<f32>(sign | bitcast<u32>(f32(magnitude) / 16777216.0)); }
  return bitcast<f32>(sign | ((magnitude << 13u) + 0x38000000u));
}

fn stored(x: f32) -> f32 {
  return f16_value(f16_bits(x));
}

fn store_group(at: u32, grid: Grid) {
  target_groups[at] = f16_bits(grid.scale) | (f16_bits(grid.offset) << 16u);
}
