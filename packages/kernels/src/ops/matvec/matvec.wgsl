// One token through a projection, y = W x: the layout for GPUs, shared by matvec, qkv and gateUp. An operands part says
// which four rows go together (four_rows) and what becomes of their products (finish4); a norm part may norm x.
// Weights in any form, by way of dot8.
//
// A span of SPAN lanes shares four rows and splits K; LANES / SPAN spans make a workgroup, which keeps x in workgroup
// memory, TILE8 eights at a time. Neighbouring lanes read neighbouring words. Bandwidth-bound: every word is read once.
override TILE8: u32;

// Apart, so that neighbouring lanes touch neighbouring vectors.
var<workgroup> x_low: array<vec4f, TILE8>;
var<workgroup> x_high: array<vec4f, TILE8>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first = (group.id.y * group.grid.x + group.id.x) * (4u * LANES / SPAN);
  if (first >= ROWS) { return; }   // the same in every lane, so the barriers stay uniform
  let row = first + 4u * (at.index / SPAN);
  let rows = four_rows(row);
  let scale = input_scale(at);
  var sums = vec4f();
  for (var start = 0u; start < K8; start += TILE8) {
    let count = min(TILE8, K8 - start);
    for (var i = at.index; i < count; i += LANES) {
      x_low[i] = weighed(8u * (start + i), x4(0u, 8u * (start + i)));
      x_high[i] = weighed(8u * (start + i) + 4u, x4(0u, 8u * (start + i) + 4u));
    }
    workgroupBarrier();
    for (var i = at.index % SPAN; i < count; i += SPAN) {
      sums += dot8(rows, start + i, x_low[i], x_high[i]);
    }
    workgroupBarrier();
  }
  sums = sum_span(sums, at);
  if (at.index % SPAN == 0u) { finish4(row, scale * sums); }
}
