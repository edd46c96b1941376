// matvec: y = W x (+ residual) (+ bias), one token through a projection. Weights in any form, by way of dot8.
//
//   weights, groups  bindings 0 and 1, rows FIRST_ROW to FIRST_ROW + ROWS of the matrix
//   x                [K]   f32
//   y                [N]   f32
//   residual         [N]   f32, read if RESIDUAL
//   bias             [N]   f32, read if BIAS
//
// A span of SPAN lanes shares four rows and splits K; LANES / SPAN spans make a workgroup, which keeps x in workgroup
// memory, TILE8 eights at a time, with zeros past K. Neighbouring lanes read neighbouring words.
// Bandwidth-bound: every packed word is read once.
override ROWS: u32;
override FIRST_ROW: u32;
override K: u32;
override TILE8: u32;
override RESIDUAL: bool;
override BIAS: bool;
@group(0) @binding(2) var<storage, read> x: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
@group(0) @binding(4) var<storage, read> residual: array<f32>;
@group(0) @binding(5) var<storage, read> bias: array<f32>;

// Apart, so that neighbouring lanes touch neighbouring vectors.
var<workgroup> x_low: array<vec4f, TILE8>;
var<workgroup> x_high: array<vec4f, TILE8>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first = (group.id.y * group.grid.x + group.id.x) * (4u * LANES / SPAN);
  if (first >= ROWS) { return; }   // the same in every lane, so the barriers stay uniform
  let row = first + 4u * (at.index / SPAN);
  let rows = min(vec4u(row) + vec4u(0u, 1u, 2u, 3u), vec4u(ROWS - 1u));   // lanes past the last row repeat it
  var sums = vec4f();
  for (var start = 0u; start < K8; start += TILE8) {
    let count = min(TILE8, K8 - start);
    for (var i = at.index; i < count; i += LANES) {
      x_low[i] = x4(8u * (start + i));
      x_high[i] = x4(8u * (start + i) + 4u);
    }
    workgroupBarrier();
    for (var i = at.index % SPAN; i < count; i += SPAN) {
      let low = x_low[i];
      let high = x_high[i];
      let k8 = start + i;
      sums += vec4f(
        dot8(rows.x, k8, low, high), dot8(rows.y, k8, low, high),
        dot8(rows.z, k8, low, high), dot8(rows.w, k8, low, high),
      );
    }
    workgroupBarrier();
  }
  sums = sum_span(sums, at);
  if (at.index % SPAN == 0u) {
    for (var i = 0u; i < 4u && row + i < ROWS; i++) { finish(FIRST_ROW + row + i, sums[i]); }
  }
}

fn finish(n: u32, sum: f32) {
  var value = sum;
  if (BIAS) { value += bias[n]; }
  if (RESIDUAL) { value += residual[n]; }
  y[n] = value;
}

fn x4(k: u32) -> vec4f {
  return vec4f(x_or_zero(k), x_or_zero(k + 1u), x_or_zero(k + 2u), x_or_zero(k + 3u));
}

fn x_or_zero(k: u32) -> f32 {
  if (k >= K) { return 0.0; }
  return x[k];
}
