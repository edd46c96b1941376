// Weights, f16: eight columns are a vec4u, two to a word, the first in the low half. Exact without shader-f16.
override K8: u32;   // columns of a row, in eights; rows are padded to a whole one
@group(0) @binding(0) var<storage, read> weights: array<vec4u>;

// Columns 8 * k8 to 8 * k8 + 7 of a row.
fn weights8(row: u32, k8: u32) -> mat2x4f {
  let words = weights[row * K8 + k8];
  return mat2x4f(
    vec4f(unpack2x16float(words.x), unpack2x16float(words.y)),
    vec4f(unpack2x16float(words.z), unpack2x16float(words.w)),
  );
}

// As for the quantised forms, though there is nothing to know: no scales, no offsets, no groups.
fn weights8_of(row: u32, k8: u32, affine: vec2f) -> mat2x4f { return weights8(row, k8); }

fn scales_and_offsets(rows: vec4u, k8: u32) -> mat2x4f { return mat2x4f(); }

fn group_begins(k8: u32) -> bool { return false; }

// The same columns of four rows, each times eight values of x and added up.
fn dot8(rows: vec4u, k8: u32, low: vec4f, high: vec4f) -> vec4f {
  let a = weights8(rows.x, k8);
  let b = weights8(rows.y, k8);
  let c = weights8(rows.z, k8);
  let d = weights8(rows.w, k8);
  return low * mat4x4f(a[0], b[0], c[0], d[0]) + high * mat4x4f(a[1], b[1], c[1], d[1]);
}
