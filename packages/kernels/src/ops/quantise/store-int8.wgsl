// Four 8-bit integers to a word, the first in the lowest bits.
const LEVELS = 255.0;
const WORDS_PER_EIGHT = 2u;

// How far each start moves the ends of the range inwards, as shares of the range: bottom, top.
const STARTS_COUNT = 4u;
const STARTS = array<vec2f, STARTS_COUNT>(vec2f(0.0, 0.0), vec2f(0.001, 0.001), vec2f(0.002, 0.0), vec2f(0.0, 0.002));
const MOST_COARSE_STEPS = 0.0;   // none: 255 steps are fine enough
const REFITS = 2u;

fn store_eight(at: u32, low: vec4u, high: vec4u) {
  let first = low << vec4u(0u, 8u, 16u, 24u);
  let second = high << vec4u(0u, 8u, 16u, 24u);
  target_values[at] = first.x | first.y | first.z | first.w;
  target_values[at + 1u] = second.x | second.y | second.z | second.w;
}
