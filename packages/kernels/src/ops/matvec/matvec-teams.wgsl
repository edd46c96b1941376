// One token through a projection: a layout for GPUs that have subgroups, of whatever size. The operands part and the norm
// part are as for matvec.wgsl.
//
// A subgroup makes four rows at a time. Its lanes split K, and add up what they find without workgroup memory or a barrier. x
// is read from where it lies: all subgroups read the same few KiB, which caches hold; its squares are added up on the way.
//
// WGSL leaves open how many lanes a subgroup has and which of a workgroup's they are, so nothing here takes that as known:
// the lanes of a subgroup are counted, and subgroups draw numbers. Which one makes which rows changes nothing in y.
override QUADS: u32;   // four rows each: what a workgroup makes
var<workgroup> numbers: atomic<u32>;
var<workgroup> teams: u32;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let first = (group.id.y * group.grid.x + group.id.x) * 4u * QUADS;
  if (first >= ROWS) { return; }   // the same in every lane, so the barriers stay uniform
  let width = subgroupAdd(1u);
  let place = subgroupExclusiveAdd(1u);
  var number = 0u;
  if (place == 0u) { number = atomicAdd(&numbers, 1u); }
  let team = subgroupBroadcastFirst(number);
  workgroupBarrier();
  if (at.index == 0u) { teams = atomicLoad(&numbers); }
  let count = workgroupUniformLoad(&teams);

  for (var turn = 0u; turn < QUADS; turn += count) {
    let quad = turn + team;
    let row = first + 4u * quad;
    let rows = four_rows(row);
    var sums = vec4f();
    var squares = 0.0;
    for (var k8 = place; k8 < K8; k8 += width) {
      let low = x4(0u, 8u * k8);
      let high = x4(0u, 8u * k8 + 4u);
      squares += square_of(low) + square_of(high);
      sums += dot8(rows, k8, weighed(8u * k8, low), weighed(8u * k8 + 4u, high));
    }
    // Every lane takes part, also of a subgroup that is past the last rows.
    let total = subgroupAdd(sums);
    let scale = scale_of(subgroupAdd(squares));
    if (place == 0u && quad < QUADS) { finish4(row, scale * total); }
  }
}
