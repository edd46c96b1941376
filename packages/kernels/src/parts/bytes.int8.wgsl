// int8 weights as bytes for integer dot products, half of 32 columns at a time. Those take signed bytes: 128 less than the weight's
// own. Goes with weights.int8.wgsl.
const BYTE_ZERO = 128.0;   // what a byte stands for when it is 0

fn bytes16(row: u32, k8: u32) -> vec4u {
  let first = weights[row * K8 + k8];
  let second = weights[row * K8 + k8 + 1u];
  return vec4u(first, second) ^ vec4u(0x80808080u);
}
