// Eight 4-bit integers to a word, the first in the lowest bits.
const LEVELS = 15.0;
const WORDS_PER_EIGHT = 1u;

// How far each start moves the ends of the range inwards, as shares of the range: bottom, top.
const ROUNDS = 3u;
const STARTS_COUNT = 7u;
const STARTS = array<vec2f, STARTS_COUNT>(
  vec2f(0.0, 0.0), vec2f(0.05, 0.05), vec2f(0.1, 0.1), vec2f(0.15, 0.0), vec2f(0.0, 0.15), vec2f(0.2, 0.2), vec2f(0.0, -0.0714286),
);

fn store_eight(at: u32, low: vec4u, high: vec4u) {
  let nibbles = (low << vec4u(0u, 4u, 8u, 12u)) | (high << vec4u(16u, 20u, 24u, 28u));
  target_values[at] = nibbles.x | nibbles.y | nibbles.z | nibbles.w;
}
