// As rows.vec4.wgsl, for head sizes that are no multiple of 4: the last four of a row ends in zeros.
override HEAD_DIM: u32;
override KV_HEADS: u32;
override BLOCKS: u32 = (HEAD_DIM + 3u) / 4u;   // of a row
@group(0) @binding(1) var<storage, read> q: array<f32>;        // [T, HEADS, HEAD_DIM]
@group(0) @binding(2) var<storage, read> keys: array<f32>;     // [KV_HEADS, capacity, HEAD_DIM]
@group(0) @binding(3) var<storage, read> values: array<f32>;   // [KV_HEADS, capacity, HEAD_DIM]

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

// Read from the binding rather than compiled in, so that a cache that grows keeps its pipelines.
fn capacity() -> u32 { return arrayLength(&keys) / (KV_HEADS * HEAD_DIM); }
