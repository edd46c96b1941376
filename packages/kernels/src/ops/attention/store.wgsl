// Writes one four of a row of y; the last four of a head size that is no multiple of 4 is cut.
fn store(row: u32, block: u32, four: vec4f) {
  for (var i = 0u; i < min(4u, HEAD_DIM - 4u * block); i++) { y[row * HEAD_DIM + 4u * block + i] = four[i]; }
}
