// Rows of a KV cache, written a four of dimensions at a time: `row` counts rows of the tensor, `block` the fours of a
// row. The op declares `cache: array<u32>`, HEAD_DIM and BLOCKS. One signature, a body for each form.

// What the numbers of a row are divided by: the same in all lanes of a row's span. Call it in uniform control flow.
fn row_scale(four: vec4f, at: Lane) -> f32 { return 1.0; }

fn append(row: u32, block: u32, four: vec4f, scale: f32) {
  append_pair(row, 4u * block, four.xy);
  append_pair(row, 4u * block + 2u, four.zw);
}

// Dimensions d and d + 1; d is even.
fn append_pair(row: u32, d: u32, pair: vec2f) {
  let place = row * 4u * BLOCKS + d;
  cache[place] = bitcast<u32>(pair.x);
  cache[place + 1u] = bitcast<u32>(pair.y);
}
