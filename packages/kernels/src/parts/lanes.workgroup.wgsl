// One signature, several bodies: here the lanes of a workgroup meet in workgroup memory, which every device has.
override LANES: u32 = 64u;   // a power of two: the trees below halve it

// Entry points take both structs. They are two because uniformity is judged a struct at a time: one that also held the
// lane would make the workgroup's number count as different in each lane, and no barrier could follow a test of it.
struct Workgroup {
  @builtin(workgroup_id) id: vec3u,
  @builtin(num_workgroups) grid: vec3u,
}

struct Lane {
  @builtin(local_invocation_index) index: u32,
}

var<workgroup> lane_values: array<f32, LANES>;

// The sum over all lanes, the same in each. Call it in uniform control flow.
fn sum_lanes(value: f32, at: Lane) -> f32 {
  lane_values[at.index] = value;
  workgroupBarrier();
  for (var width = LANES / 2u; width > 0u; width /= 2u) {
    if (at.index < width) { lane_values[at.index] += lane_values[at.index + width]; }
    workgroupBarrier();
  }
  let total = lane_values[0];
  workgroupBarrier();   // the next call may overwrite lane 0 only after all have read it
  return total;
}

// The greatest over all lanes, the same in each. Call it in uniform control flow.
fn max_lanes(value: f32, at: Lane) -> f32 {
  lane_values[at.index] = value;
  workgroupBarrier();
  for (var width = LANES / 2u; width > 0u; width /= 2u) {
    if (at.index < width) { lane_values[at.index] = max(lane_values[at.index], lane_values[at.index + width]); }
    workgroupBarrier();
  }
  let greatest = lane_values[0];
  workgroupBarrier();
  return greatest;
}
