// Rows of HEAD_DIM numbers read four at a time, for head sizes that are multiples of 4. `row` counts rows of the
// tensor, `block` the fours of a row. Its other body is rows.scalar.wgsl.
override HEAD_DIM: u32;
override KV_HEADS: u32;
override BLOCKS: u32 = HEAD_DIM / 4u;   // of a row
@group(0) @binding(1) var<storage, read> q: array<vec4f>;        // [T, HEADS, HEAD_DIM]
@group(0) @binding(2) var<storage, read> keys: array<vec4f>;     // [KV_HEADS, capacity, HEAD_DIM]
@group(0) @binding(3) var<storage, read> values: array<vec4f>;   // [KV_HEADS, capacity, HEAD_DIM]

fn load_query(row: u32, block: u32) -> vec4f { return q[row * BLOCKS + block]; }

fn load_key(row: u32, block: u32) -> vec4f { return keys[row * BLOCKS + block]; }

fn load_value(row: u32, block: u32) -> vec4f { return values[row * BLOCKS + block]; }

// Read from the binding rather than compiled in, so that a cache that grows keeps its pipelines.
fn capacity() -> u32 { return arrayLength(&keys) / (KV_HEADS * BLOCKS); }
