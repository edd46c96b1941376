// The input of a projection as it is; the other body is norm.rms.wgsl.
fn weighed(k: u32, values: vec4f) -> vec4f {
  return values;
}

fn input_scale(at: Lane) -> f32 {
  return 1.0;
}

fn square_of(values: vec4f) -> f32 {
  return 0.0;
}

fn scale_of(squares: f32) -> f32 {
  return 1.0;
}
