// One signature, two bodies: heads of queries and keys as they are; the other is head-norm.rms.wgsl.
fn head_weight(is_key: bool, d: u32) -> f32 { return 1.0; }

fn head_scale(start: u32) -> f32 { return 1.0; }
