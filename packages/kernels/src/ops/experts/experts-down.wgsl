// expertsDown: y = down x.
fn w_row(group: u32, row: u32) -> u32 {
  return min(group * TILE_N + row, Y_WIDTH - 1u);
}

fn finish4(assignment: u32, group: u32, n: u32, sums: vec4f) {
  for (var i = 0u; i < 4u; i++) {
    let column = group * TILE_N + n + i * LANES_N;
    if (column < Y_WIDTH) { y[assignment * Y_WIDTH + column] = sums[i]; }
  }
}
