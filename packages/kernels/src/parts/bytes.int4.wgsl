// int4 weights as bytes for integer dot products, half of 32 columns at a time: in each eight the even columns, then the odd.
// A byte is what the nibble was. Goes with weights.int4.wgsl.
const BYTE_ZERO = 0.0;   // what a byte stands for when it is 0

fn bytes16(row: u32, k8: u32) -> vec4u {
  let first = weights[row * K8 + k8];
  let second = weights[row * K8 + k8 + 1u];
  return vec4u(first, first >> 4u, second, second >> 4u) & vec4u(0x0f0f0f0fu);
}
