// One signature, several bodies: SiLU, x * sigmoid(x).
fn activate(x: f32) -> f32 {
  return x / (1.0 + exp(min(-x, 80.0)));   // bounded, since exp past 88 is no finite f32
}
