// As kv-read.f32.wgsl, for a cache of int8: a row is its scale, then one word a four.
override KV_HEADS: u32;
@group(0) @binding(2) var<storage, read> keys: array<u32>;     // [KV_HEADS, capacity, 1 + BLOCKS]
@group(0) @binding(3) var<storage, read> values: array<u32>;   // [KV_HEADS, capacity, 1 + BLOCKS]

fn load_key(row: u32, block: u32) -> vec4f { return unpacked(keys[row * (BLOCKS + 1u) + 1u + block]); }

fn load_value(row: u32, block: u32) -> vec4f { return unpacked(values[row * (BLOCKS + 1u) + 1u + block]); }

// Each byte goes to the top of a word and comes down again with its sign.
fn unpacked(word: u32) -> vec4f {
  return vec4f(bitcast<vec4i>(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
}

fn key_scale(row: u32) -> f32 { return bitcast<f32>(keys[row * (BLOCKS + 1u)]); }

fn value_scale(row: u32) -> f32 { return bitcast<f32>(values[row * (BLOCKS + 1u)]); }

fn capacity() -> u32 { return arrayLength(&keys) / (KV_HEADS * (BLOCKS + 1u)); }
