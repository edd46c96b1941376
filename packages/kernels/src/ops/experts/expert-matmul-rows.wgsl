// Many tokens through the experts chosen for each, the layout for adapters that are a CPU: each lane makes four rows of
// W times the four assignments of a tile by itself, without workgroup memory or a barrier. The operands parts and the
// rest are as for expert-matmul.wgsl; rows go in fours, LANES apart.
override LANES_N = LANES;
override TILE_N = 4u * LANES;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let tile = tiles[group.id.y];
  let expert = tile.x - here.first;
  if (tile.z == 0u || expert >= here.experts) { return; }
  let id = group.id.x;
  let n = at.index;
  let rows = expert * EXPERT_ROWS
    + vec4u(w_row(id, n), w_row(id, n + LANES), w_row(id, n + 2u * LANES), w_row(id, n + 3u * LANES));
  let places = tile.y + min(vec4u(0u, 1u, 2u, 3u), vec4u(tile.z - 1u));
  let taken = vec4u(order[places.x], order[places.y], order[places.z], order[places.w]);
  let xs = vec4u(x_row(taken.x), x_row(taken.y), x_row(taken.z), x_row(taken.w));
  var sums = mat4x4f();   // column: row of W, row: assignment
  for (var k8 = 0u; k8 < K8; k8++) {
    let low = mat4x4f(x4(xs.x, 8u * k8), x4(xs.y, 8u * k8), x4(xs.z, 8u * k8), x4(xs.w, 8u * k8));
    let high = mat4x4f(x4(xs.x, 8u * k8 + 4u), x4(xs.y, 8u * k8 + 4u), x4(xs.z, 8u * k8 + 4u), x4(xs.w, 8u * k8 + 4u));
    let a = weights8(rows.x, k8);
    let b = weights8(rows.y, k8);
    let c = weights8(rows.z, k8);
    let d = weights8(rows.w, k8);
    sums += mat4x4f(
      a[0] * low + a[1] * high, b[0] * low + b[1] * high, c[0] * low + c[1] * high, d[0] * low + d[1] * high);
  }
  sums = transpose(sums);
  for (var i = 0u; i < tile.z; i++) { finish4(taken[i], id, n, sums[i]); }
}
