// As kv-read.f32.wgsl, for a cache of f16: two words a four. Unpacking needs no shader-f16.
override KV_HEADS: u32;
@group(0) @binding(2) var<storage, read> keys: array<vec2u>;     // [KV_HEADS, capacity, BLOCKS]
@group(0) @binding(3) var<storage, read> values: array<vec2u>;   // [KV_HEADS, capacity, BLOCKS]

fn load_key(row: u32, block: u32) -> vec4f { return unpacked(keys[row * BLOCKS + block]); }

fn load_value(row: u32, block: u32) -> vec4f { return unpacked(values[row * BLOCKS + block]); }

fn unpacked(words: vec2u) -> vec4f { return vec4f(unpack2x16float(words.x), unpack2x16float(words.y)); }

fn key_scale(row: u32) -> f32 { return 1.0; }

fn value_scale(row: u32) -> f32 { return 1.0; }

fn capacity() -> u32 { return arrayLength(&keys) / (KV_HEADS * BLOCKS); }
