// One token through the experts chosen for it: the layout for GPUs, shared by expertGateUp and expertDown. An operands
// part says which rows of an expert go together (four_rows), which x they meet (x_row), and what becomes of their
// products (finish4). Weights in any form, by way of dot8; those of experts that were not chosen are never read.
//
// As in matvec.wgsl, a span of SPAN lanes shares four rows and splits K, and a workgroup keeps x in workgroup memory.
// A workgroup takes its rows of SLOTS choices, one after the other, and adds up: one choice, or all of them. The stack
// of experts may be in several buffers; a dispatch each passes over the choices that are not in its own.
override TILE8: u32;

var<workgroup> x_low: array<vec4f, TILE8>;
var<workgroup> x_high: array<vec4f, TILE8>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  let slot = id / WORKGROUPS * SLOTS;
  if (slot >= TOP_K) { return; }   // the same in every lane, as is all that the choices decide
  let row = (id % WORKGROUPS) * (4u * LANES / SPAN) + 4u * (at.index / SPAN);
  var sums = vec4f();
  var found = begins();   // a sum is begun by the first buffer, whether it adds anything or not
  for (var i = slot; i < slot + SLOTS; i++) {
    let expert = choices[i].expert - here.first;   // wraps round below it
    if (expert >= here.experts) { continue; }
    found = true;
    let rows = expert * EXPERT_ROWS + four_rows(row);
    for (var start = 0u; start < K8; start += TILE8) {
      let count = min(TILE8, K8 - start);
      for (var k8 = at.index; k8 < count; k8 += LANES) {
        x_low[k8] = x4(x_row(i), 8u * (start + k8));
        x_high[k8] = x4(x_row(i), 8u * (start + k8) + 4u);
      }
      workgroupBarrier();
      for (var k8 = at.index % SPAN; k8 < count; k8 += SPAN) {
        sums += dot8(rows, start + k8, x_low[k8], x_high[k8]);
      }
      workgroupBarrier();
    }
  }
  if (!found) { return; }
  sums = sum_span(sums, at);
  if (at.index % SPAN == 0u) { finish4(slot, row, sums); }
}
