// Random numbers that are a function of where they are used: the same seed, place and index give the same number on
// every device and in every order, and no state is kept.

// Three words mixed into three: pcg3d of Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
fn pcg3d(words: vec3u) -> vec3u {
  var v = words * 1664525u + 1013904223u;
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  v ^= v >> vec3u(16u);
  v.x += v.y * v.z;
  v.y += v.z * v.x;
  v.z += v.x * v.y;
  return v;
}

// An exponential variable, -log(1 - u) with u = (bits + 1/2) / 2^32, never 0 and never infinite. Small values decide a
// draw among many, and WGSL's log is poor near 1, so they come from the series.
fn exponential(bits: u32) -> f32 {
  let u = (f32(bits) + 0.5) * 2.3283064365386963e-10;
  if (bits < 0x08000000u) {   // u < 1/32: the first term left out is below 1e-9 of the sum
    return u * (1.0 + u * (0.5 + u * (0.33333334 + u * (0.25 + u * (0.2 + u * 0.16666667)))));
  }
  return -log((f32(~bits) + 0.5) * 2.3283064365386963e-10);
}

// A standard Gumbel variable: the greatest of log-weights plus these is a draw from the weights.
fn gumbel(bits: u32) -> f32 {
  return -log(exponential(bits));
}
