// Unsigned integers of 64 bits as vec2u(low, high). Sums of them are exact, hence the same in whatever order lanes add.
fn wide_add(a: vec2u, b: vec2u) -> vec2u {
  let low = a.x + b.x;
  return vec2u(low, a.y + b.y + select(0u, 1u, low < a.x));
}

fn wide_less(a: vec2u, b: vec2u) -> bool {
  return a.y < b.y || (a.y == b.y && a.x < b.x);
}

// A weight from 0 to 1 in units of 2^-40: 2^18 of them still sum in 58 bits.
fn wide_weight(weight: f32) -> vec2u {
  let scaled = weight * 256.0;
  let whole = floor(scaled);
  return vec2u(u32((scaled - whole) * 4294967296.0), u32(whole));
}

fn wide_float(a: vec2u) -> f32 {
  return f32(a.y) * 4294967296.0 + f32(a.x);
}

// share * total, at least one unit and at most the total. Good to f32.
fn wide_share(total: vec2u, share: f32) -> vec2u {
  let units = wide_float(total) * share;
  let high = floor(units * 2.3283064365386963e-10);
  let part = vec2u(u32(units - high * 4294967296.0), u32(high));
  if (wide_less(total, part)) { return total; }
  return select(part, vec2u(1u, 0u), all(part == vec2u(0u)));
}
