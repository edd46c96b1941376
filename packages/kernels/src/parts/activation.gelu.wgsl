// One signature, several bodies: GELU itself, x times the normal distribution's share below x.
//
// The share past |x|, erfc(|x| / sqrt 2) / 2, by Abramowitz and Stegun 7.1.26, whose error is below 1.5e-7. The smaller
// of the two shares is the one computed, so that nothing cancels where x is far below 0.
fn activate(x: f32) -> f32 {
  let z = min(abs(x) * 0.7071067811865476, 15.0);   // past 15 the share is 0 in f32, and a square may be no finite one
  let t = 1.0 / (1.0 + 0.3275911 * z);
  let series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let past = 0.5 * series * exp(-z * z);
  return x * select(1.0 - past, past, x < 0.0);
}
