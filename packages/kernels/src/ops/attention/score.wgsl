// What becomes of a dot product before the softmax, and how far back a query sees.
override SCALE: f32;
override SOFTCAP: f32;   // 0 for none
override WINDOW: u32;    // keys that a query sees, itself included; 0 for all before it

// Stands for a key that is not seen. Finite, because WGSL need not keep infinities; a maximum over real scores is never
// as low, and exp(MASKED - maximum) is 0.
const MASKED = -1e30;

fn score(product: vec4f) -> vec4f {
  let scaled = product * SCALE;
  if (SOFTCAP == 0.0) { return scaled; }
  return SOFTCAP * tanh(clamp(scaled / SOFTCAP, vec4f(-15.0), vec4f(15.0)));   // tanh of large arguments may be NaN
}

fn first_seen(position: u32) -> u32 {
  return select(0u, position + 1u - WINDOW, WINDOW > 0u && position >= WINDOW);
}
