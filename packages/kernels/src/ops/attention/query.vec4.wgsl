// Queries read four dimensions at a time, for head sizes that are multiples of 4. `row` counts rows of the tensor,
// `block` the fours of a row. Its other body is query.scalar.wgsl.
override HEAD_DIM: u32;
override BLOCKS: u32 = HEAD_DIM / 4u;   // of a row
@group(0) @binding(1) var<storage, read> q: array<vec4f>;   // [T, HEADS, HEAD_DIM]

fn load_query(row: u32, block: u32) -> vec4f { return q[row * BLOCKS + block]; }
