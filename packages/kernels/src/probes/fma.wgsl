// fma: sixteen chains of multiply-adds a lane, in registers. What it takes is what arithmetic takes.
//
//   y  [N] f32   one value a lane: 16 * 4 * rounds + 120
//
// Each chain counts up by 1 from its number: x = x * factor + increment with both 1, which the compiler cannot know,
// as they arrive in a uniform. The sum is exact while it is below 2^24, so a skipped step would show.
struct Factors {
  rounds: u32,
  factor: f32,
  increment: f32,
}
@group(0) @binding(0) var<uniform> factors: Factors;
@group(0) @binding(1) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let m = vec4f(factors.factor);
  let n = vec4f(factors.increment);
  var a = vec4f(0.0, 1.0, 2.0, 3.0);
  var b = vec4f(4.0, 5.0, 6.0, 7.0);
  var c = vec4f(8.0, 9.0, 10.0, 11.0);
  var d = vec4f(12.0, 13.0, 14.0, 15.0);
  for (var round = 0u; round < factors.rounds; round++) {
    a = fma(a, m, n);
    b = fma(b, m, n);
    c = fma(c, m, n);
    d = fma(d, m, n);
    a = fma(a, m, n);
    b = fma(b, m, n);
    c = fma(c, m, n);
    d = fma(d, m, n);
    a = fma(a, m, n);
    b = fma(b, m, n);
    c = fma(c, m, n);
    d = fma(d, m, n);
    a = fma(a, m, n);
    b = fma(b, m, n);
    c = fma(c, m, n);
    d = fma(d, m, n);
  }
  let sum = (a + b) + (c + d);
  let lane = group.id.x * LANES + at.index;
  if (lane < arrayLength(&y)) { y[lane] = (sum.x + sum.y) + (sum.z + sum.w); }
}
