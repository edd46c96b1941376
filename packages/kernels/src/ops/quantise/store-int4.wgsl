// Eight 4-bit integers to a word, the first in the lowest bits.
const LEVELS = 15.0;
const WORDS_PER_EIGHT = 1u;

// How far each start moves the ends of the range inwards, as shares of the range: bottom, top. Chosen greedily for the
// least error over normal and heavy-tailed weights in groups of 32 to 1024 and over real ones.
const STARTS_COUNT = 8u;
const STARTS = array<vec2f, STARTS_COUNT>(
  vec2f(0.0, 0.0), vec2f(0.06, 0.02), vec2f(0.02, 0.04), vec2f(0.12, 0.12),
  vec2f(0.04, 0.0), vec2f(0.0, 0.04), vec2f(0.02, 0.02), vec2f(0.02, 0.0),
);
const MOST_COARSE_STEPS = 14.0;
const REFITS = 3u;

fn store_eight(at: u32, low: vec4u, high: vec4u) {
  let nibbles = (low << vec4u(0u, 4u, 8u, 12u)) | (high << vec4u(16u, 20u, 24u, 28u));
  target_values[at] = nibbles.x | nibbles.y | nibbles.z | nibbles.w;
}
