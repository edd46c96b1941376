// As kv-write.f32.wgsl, for a cache of f16. What f16 cannot hold becomes the greatest that it can: pack2x16float may
// give anything for it.
const GREATEST_F16 = vec2f(65504.0);

fn row_scale(four: vec4f, at: Lane) -> f32 { return 1.0; }

fn append(row: u32, block: u32, four: vec4f, scale: f32) {
  append_pair(row, 4u * block, four.xy);
  append_pair(row, 4u * block + 2u, four.zw);
}

fn append_pair(row: u32, d: u32, pair: vec2f) {
  cache[row * 2u * BLOCKS + d / 2u] = pack2x16float(clamp(pair, -GREATEST_F16, GREATEST_F16));
}
