// As team.alone.wgsl, for subgroups of eight lanes or more, as llvmpipe has: eight lanes load for each other. A CPU
// loads for each lane apart, even where all lanes read one address, and that takes longer than handing a value on.
override LANES: u32 = 64u;   // a multiple of 8
const TEAM = 8u;

struct Workgroup {
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) grid: vec3u,
}

struct Lane {
  @builtin(local_invocation_index) index: u32,
  @builtin(subgroup_invocation_id) place: u32,
}

fn team_place(at: Lane) -> u32 { return at.place % TEAM; }

// Where a subgroup holds several teams, all listen to the first: they hold the same.
fn heard(value: vec4f, place: u32) -> vec4f { return subgroupShuffle(value, place); }
