// What all matmul kernels bind. What becomes of a product is for matmul-whole.wgsl or matmul-slice.wgsl to say, which bind what else
// there is.
//
//   weights, groups  bindings 0 and 1, rows FIRST_ROW to FIRST_ROW + ROWS of the matrix
//   x                [T, K]   f32, binding 2
//   step             position, count: tokens at or past count are left alone
override ROWS: u32;
override FIRST_ROW: u32;
override N: u32;
@group(0) @binding(4) var<storage, read> step: Step;

// One token's products with four rows of the block, `stride` apart from `row`; those there are.
fn finish4(slice: u32, token: u32, row: u32, stride: u32, sums: vec4f) {
  if (token >= step.count) { return; }
  finish(slice, token, row, sums.x);
  finish(slice, token, row + stride, sums.y);
  finish(slice, token, row + 2u * stride, sums.z);
  finish(slice, token, row + 3u * stride, sums.w);
}

// The same for four tokens, `token_stride` apart, a column each.
fn finish16(slice: u32, token: u32, token_stride: u32, row: u32, stride: u32, sums: mat4x4f) {
  finish4(slice, token, row, stride, sums[0]);
  finish4(slice, token + token_stride, row, stride, sums[1]);
  finish4(slice, token + 2u * token_stride, row, stride, sums[2]);
  finish4(slice, token + 3u * token_stride, row, stride, sums[3]);
}
