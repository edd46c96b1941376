// matmul where K is split for want of workgroups: each goes through a slice of it, and matmul-sum.wgsl adds up what they find.
//
//   partials  [T, SLICES, N]   f32
override SLICES: u32;
override SLICE8: u32;   // columns of a slice, in eights; whole tiles, so that none straddles two slices. The last may be shorter, or empty.
@group(0) @binding(3) var<storage, read_write> partials: array<f32>;

// The columns of a slice, in eights: from the first up to `slice_end`.
fn slice_begin(slice: u32) -> u32 { return slice * SLICE8; }

fn slice_end(slice: u32) -> u32 { return min(K8, slice_begin(slice) + SLICE8); }

fn finish(slice: u32, token: u32, row: u32, sum: f32) {
  if (row >= ROWS) { return; }
  partials[(token * SLICES + slice) * N + FIRST_ROW + row] = sum;
}
