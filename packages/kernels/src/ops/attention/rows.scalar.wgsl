// Queries, keys and values of a pass that are not in a cache, for head sizes that are no multiple of 4: rows are not padded, and
// the last four of each ends in zeros. For other sizes they are laid out as an f32 cache is.
override HEAD_DIM: u32;
override BLOCKS: u32 = (HEAD_DIM + 3u) / 4u;   // of a row
@group(0) @binding(1) var<storage, read> q: array<f32>;        // [T, HEADS, HEAD_DIM]
@group(0) @binding(2) var<storage, read> keys: array<f32>;     // [T, HEADS, HEAD_DIM]
@group(0) @binding(3) var<storage, read> values: array<f32>;   // [T, HEADS, HEAD_DIM]

fn load_query(row: u32, block: u32) -> vec4f {
  var four = vec4f(0.0);
  for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) { four[i] = q[row * HEAD_DIM + 4u * block + i]; }
  return four;
}

fn load_key(row: u32, block: u32) -> vec4f {
  var four = vec4f(0.0);
  for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) { four[i] = keys[row * HEAD_DIM + 4u * block + i]; }
  return four;
}

fn load_value(row: u32, block: u32) -> vec4f {
  var four = vec4f(0.0);
  for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) { four[i] = values[row * HEAD_DIM + 4u * block + i]; }
  return four;
}
