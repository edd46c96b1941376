// As team.alone.wgsl, for subgroups of TEAM lanes or more, as software adapters have them: the lanes load for each other. A
// CPU loads for each lane apart, even where all lanes read one address, and that takes longer than handing a value on.
override LANES: u32 = 64u;   // a multiple of TEAM
override TEAM: u32;          // 4 or 8

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

// What the team's next lane holds; the last hears the first.
fn from_next(value: vec4f, at: Lane) -> vec4f {
  return subgroupShuffle(value, at.place - team_place(at) + (at.place + 1u) % TEAM);
}

// Over all lanes. Call them in uniform control flow, where the workgroup is a single team.
fn team_max(value: f32) -> f32 { return subgroupMax(value); }

fn team_sum(value: f32) -> f32 { return subgroupAdd(value); }
