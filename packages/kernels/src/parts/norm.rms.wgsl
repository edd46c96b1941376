// The input of a projection, normed on the way: W (x * weight / rms(x)) = (W (x * weight)) / rms(x), so x is weighed as it
// is read and the scale comes last. Each workgroup finds it anew, which is cheaper than a dispatch of its own.
// Needs a lanes part, an x part, and `norm_weight4(k)` of the operands.
override EPS: f32;
override UNIT_OFFSET: f32;   // 1 where weights are stored as differences from one, else 0

fn weighed(k: u32, values: vec4f) -> vec4f {
  return values * (norm_weight4(k) + UNIT_OFFSET);
}

// What a lane adds up of the values it reads, before they are weighed.
fn square_of(values: vec4f) -> f32 {
  return dot(values, values);
}

// 1 / sqrt(mean(x^2) + eps), of all lanes' squares.
fn scale_of(squares: f32) -> f32 {
  return inverseSqrt(squares / f32(K) + EPS);
}

// The same where lanes have not added up squares yet. Call it in uniform control flow.
fn input_scale(at: Lane) -> f32 {
  var squares = 0.0;
  for (var k = 4u * at.index; k < K; k += 4u * LANES) { squares += square_of(x4(0u, k)); }
  return scale_of(sum_lanes(squares, at));
}
