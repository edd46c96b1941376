// Each head of queries and keys normed: x / sqrt(mean(x^2) + NORM_EPS) * (weight + UNIT_OFFSET), arXiv:2302.05442. The op
// declares `qkv`, `step`, HEAD_DIM, and what it binds at 0 to 5.
override NORM_EPS: f32;
override UNIT_OFFSET: f32;   // 1 where weights are stored as differences from one, else 0
@group(0) @binding(6) var<storage, read> query_norm: array<f32>;   // [HEAD_DIM]
@group(0) @binding(7) var<storage, read> key_norm: array<f32>;     // [HEAD_DIM]

fn head_weight(is_key: bool, d: u32) -> f32 {
  if (is_key) { return key_norm[d] + UNIT_OFFSET; }
  return query_norm[d] + UNIT_OFFSET;
}

// Every lane of a head adds up all of it: a head is short, and lanes that share the work would wait at barriers.
fn head_scale(start: u32) -> f32 {
  let length = HEAD_DIM * min(step.count, 1u);   // unknown while compiling: unrolled, this takes llvmpipe long
  var squares = 0.0;
  for (var d = 0u; d < length; d++) { squares += qkv[start + d] * qkv[start + d]; }
  return inverseSqrt(squares / f32(HEAD_DIM) + NORM_EPS);
}
