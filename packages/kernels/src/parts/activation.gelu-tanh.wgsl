// One signature, several bodies: GELU in its tanh form, Hugging Face's `gelu_pytorch_tanh`.
fn activate(x: f32) -> f32 {
  let inner = 0.7978845608028654 * (x + 0.044715 * x * x * x);   // sqrt(2 / pi)
  return 0.5 * x * (1.0 + tanh(clamp(inner, -15.0, 15.0)));      // tanh of large arguments is NaN on some GPUs
}
