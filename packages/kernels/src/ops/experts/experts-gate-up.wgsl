// expertsGateUp: y = activate(gate x) * (up x). Y_WIDTH rows of gate, then as many of up. Half the rows that a
// workgroup takes are gate's and half are up's, so that a lane, whose rows lie a quarter apart, has two of each.
fn w_row(group: u32, row: u32) -> u32 {
  let within = min(group * (TILE_N / 2u) + row % (TILE_N / 2u), Y_WIDTH - 1u);
  return select(within, Y_WIDTH + within, row >= TILE_N / 2u);
}

fn finish4(assignment: u32, group: u32, n: u32, sums: vec4f) {
  let column = group * (TILE_N / 2u) + n;
  if (column < Y_WIDTH) { y[assignment * Y_WIDTH + column] = activate(sums.x) * sums.z; }
  if (column + LANES_N < Y_WIDTH) { y[assignment * Y_WIDTH + column + LANES_N] = activate(sums.y) * sums.w; }
}
