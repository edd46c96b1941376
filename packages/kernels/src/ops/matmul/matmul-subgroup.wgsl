// matmul for adapters that are a CPU and have subgroups of eight lanes or more, as llvmpipe has. Such an adapter loads for
// each lane apart, even where all lanes read one address, and that takes far longer than the arithmetic. So no two of
// eight lanes read the same x: each reads one of eight tokens, and hands it to the others. A lane makes eight tokens x
// four rows of y: 256 products for eight decoded weights of each row. The operands are those of matmul-operands.wgsl.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane, @builtin(subgroup_invocation_id) id: u32) {
  let first_token = 8u * group.id.y;
  if (first_token >= step.count) { return; }   // the same in every lane, so all are there to hand x on
  let row = 4u * group.id.x * LANES + at.index;
  let rows = min(vec4u(row) + LANES * vec4u(0u, 1u, 2u, 3u), vec4u(ROWS - 1u));
  let token = min(first_token + id % 8u, step.count - 1u);
  var sums: array<vec4f, 8>;   // a token each, four rows of W
  var affine = mat2x4f();      // scales of the four rows, and their offsets
  for (var k8 = 0u; k8 < K8; k8++) {
    // A test, and not a loop for each group: that gains nothing on llvmpipe, which keeps the sums in memory across loops.
    if (group_begins(k8)) { affine = scales_and_offsets(rows, k8); }
    let x_low = x4(token, 8u * k8);
    let x_high = x4(token, 8u * k8 + 4u);
    let a = weights8_of(rows.x, k8, vec2f(affine[0].x, affine[1].x));
    let b = weights8_of(rows.y, k8, vec2f(affine[0].y, affine[1].y));
    let c = weights8_of(rows.z, k8, vec2f(affine[0].z, affine[1].z));
    let d = weights8_of(rows.w, k8, vec2f(affine[0].w, affine[1].w));
    let low = mat4x4f(a[0], b[0], c[0], d[0]);
    let high = mat4x4f(a[1], b[1], c[1], d[1]);
    // Written out: the lane that is heard must be a constant.
    sums[0] += subgroupBroadcast(x_low, 0u) * low + subgroupBroadcast(x_high, 0u) * high;
    sums[1] += subgroupBroadcast(x_low, 1u) * low + subgroupBroadcast(x_high, 1u) * high;
    sums[2] += subgroupBroadcast(x_low, 2u) * low + subgroupBroadcast(x_high, 2u) * high;
    sums[3] += subgroupBroadcast(x_low, 3u) * low + subgroupBroadcast(x_high, 3u) * high;
    sums[4] += subgroupBroadcast(x_low, 4u) * low + subgroupBroadcast(x_high, 4u) * high;
    sums[5] += subgroupBroadcast(x_low, 5u) * low + subgroupBroadcast(x_high, 5u) * high;
    sums[6] += subgroupBroadcast(x_low, 6u) * low + subgroupBroadcast(x_high, 6u) * high;
    sums[7] += subgroupBroadcast(x_low, 7u) * low + subgroupBroadcast(x_high, 7u) * high;
  }
  for (var i = 0u; i < 8u; i++) { finish4(0u, first_token + i, row, LANES, sums[i]); }
}
