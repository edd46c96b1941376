// matmul for adapters that are a CPU: each lane makes four tokens x eight rows of y by itself, without workgroup memory or
// a barrier, which such an adapter does worst. All lanes of a workgroup read the same x. On a GPU matmul.wgsl reads each
// number far less often. The operands are those of matmul-operands.wgsl.
@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first_token = 4u * group.id.y;
  if (first_token >= step.count) { return; }
  let row = 8u * group.id.x * LANES + at.index;
  if (row >= ROWS) { return; }
  let near = min(vec4u(row) + LANES * vec4u(0u, 1u, 2u, 3u), vec4u(ROWS - 1u));
  let far = min(vec4u(row) + LANES * vec4u(4u, 5u, 6u, 7u), vec4u(ROWS - 1u));
  let tokens = min(vec4u(first_token) + vec4u(0u, 1u, 2u, 3u), vec4u(step.count - 1u));
  var near_sums = mat4x4f();   // column: row of W, row: token
  var far_sums = mat4x4f();
  for (var k8 = 0u; k8 < K8; k8++) {
    let low = x4_of_four(tokens, 8u * k8);
    let high = x4_of_four(tokens, 8u * k8 + 4u);
    near_sums += products(near, k8, low, high);
    far_sums += products(far, k8, low, high);
  }
  near_sums = transpose(near_sums);
  far_sums = transpose(far_sums);
  for (var i = 0u; i < 4u; i++) {
    finish4(0u, first_token + i, row, LANES, near_sums[i]);
    finish4(0u, first_token + i, row + 4u * LANES, LANES, far_sums[i]);
  }
}

// Eight columns of four rows times those of four tokens.
fn products(rows: vec4u, k8: u32, low: mat4x4f, high: mat4x4f) -> mat4x4f {
  let a = weights8(rows.x, k8);
  let b = weights8(rows.y, k8);
  let c = weights8(rows.z, k8);
  let d = weights8(rows.w, k8);
  return mat4x4f(a[0] * low + a[1] * high, b[0] * low + b[1] * high, c[0] * low + c[1] * high, d[0] * low + d[1] * high);
}

// Four values of x from k for each of four tokens.
fn x4_of_four(tokens: vec4u, k: u32) -> mat4x4f {
  return mat4x4f(x4(tokens.x, k), x4(tokens.y, k), x4(tokens.z, k), x4(tokens.w, k));
}
