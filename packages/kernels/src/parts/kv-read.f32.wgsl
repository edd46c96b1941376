// Rows of a KV cache, read a four of dimensions at a time: `row` counts rows of the tensor, `block` the fours of a row.
// What is loaded times the row's scale is the number; here the scale is 1. One signature, a body for each form.
override KV_HEADS: u32;
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;     // [KV_HEADS, capacity, BLOCKS]
@group(0) @binding(3) var<storage, read> values: array<vec4f>;   // [KV_HEADS, capacity, BLOCKS]

fn load_key(row: u32, block: u32) -> vec4f { return keys[row * BLOCKS + block]; }

fn load_value(row: u32, block: u32) -> vec4f { return values[row * BLOCKS + block]; }

fn key_scale(row: u32) -> f32 { return 1.0; }

fn value_scale(row: u32) -> f32 { return 1.0; }

// Read from the binding rather than compiled in, so that a cache that grows keeps its pipelines.
fn capacity() -> u32 { return arrayLength(&keys) / (KV_HEADS * BLOCKS); }
