// Lanes of a software adapter that take no part in each other's work: a team of one. Its other body is team.subgroup.wgsl.
override LANES: u32 = 64u;
const TEAM = 1u;

struct Workgroup {
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) grid: vec3u,
}

struct Lane {
  @builtin(local_invocation_index) index: u32,
}

// This lane's place in its team.
fn team_place(at: Lane) -> u32 { return 0u; }

// The value that the team's lane at `place` holds. Call it in uniform control flow, with the same place in all lanes.
fn heard(value: vec4f, place: u32) -> vec4f { return value; }
