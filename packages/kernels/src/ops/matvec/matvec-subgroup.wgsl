// One token through a projection, the layout for adapters that are a CPU and have subgroups of eight lanes or more, as
// llvmpipe has, and for weights whose groups are whole multiples of 32 columns. Such an adapter loads for each lane apart,
// even where all lanes read one address, and that takes longer than the arithmetic. So eight lanes read 32 values of x
// between them and hand them on, and a lane reads a scale and an offset only once for these columns of a row.
// The operands part and the norm part are as for matvec.wgsl; squares are added up on the way.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane, @builtin(subgroup_invocation_id) id: u32) {
  // No lane returns early, even past the last row: all are there to hand x on.
  let row = 4u * ((group.id.y * group.grid.x + group.id.x) * LANES + at.index);
  let rows = four_rows(row);
  var sums = vec4f();
  var squares = 0.0;
  for (var k8 = 0u; k8 < K8; k8 += 4u) {
    let own = 8u * k8 + 4u * (id % 8u);
    let found = x4(0u, own);
    squares += square_of(found);
    let values = weighed(own, found);
    let total = subgroupAdd(dot(values, vec4f(1.0)));
    let placed = values * ONE_PLACE;
    // x is zero in eights past the last, which stands in for them. Written out: the lane that is heard must be a constant.
    let products =
        placed_dot8(rows, k8, subgroupBroadcast(placed, 0u), subgroupBroadcast(placed, 1u))
      + placed_dot8(rows, min(k8 + 1u, K8 - 1u), subgroupBroadcast(placed, 2u), subgroupBroadcast(placed, 3u))
      + placed_dot8(rows, min(k8 + 2u, K8 - 1u), subgroupBroadcast(placed, 4u), subgroupBroadcast(placed, 5u))
      + placed_dot8(rows, min(k8 + 3u, K8 - 1u), subgroupBroadcast(placed, 6u), subgroupBroadcast(placed, 7u));
    let affine = scales_and_offsets(rows, k8);
    sums += affine[0] * products + affine[1] * total;
  }
  finish4(row, scale_of(subgroupAdd(squares)) * sums);
}
