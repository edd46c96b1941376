// As query.vec4.wgsl, for head sizes that are no multiple of 4: the last four of a row ends in zeros, as in the cache.
override HEAD_DIM: u32;
override BLOCKS: u32 = (HEAD_DIM + 3u) / 4u;   // of a row
@group(0) @binding(1) var<storage, read> q: array<f32>;   // [T, HEADS, HEAD_DIM]

fn load_query(row: u32, block: u32) -> vec4f {
  var four = vec4f(0.0);
  for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) { four[i] = q[row * HEAD_DIM + 4u * block + i]; }
  return four;
}
