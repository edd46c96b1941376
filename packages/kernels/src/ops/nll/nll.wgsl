// nll: how much each row's target surprises, -log softmax(logits)[target], in nats.
//
//   step      position, count
//   logits    [T, V]       f32
//   targets   [T]          u32   a target past the vocabulary counts as none
//   result    [T]          f32   0 where there is no target
//
// One workgroup a row, two passes. Bandwidth-bound: 8 bytes a logit.
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> targets: array<u32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.y * group.grid.x + group.id.x;
  if (row >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  let width = arrayLength(&logits) / arrayLength(&result);   // read, not an override: one pipeline serves every model
  let start = row * width;
  var greatest = -3.4e38;
  for (var i = at.index; i < width; i += LANES) { greatest = max(greatest, logits[start + i]); }
  greatest = max_lanes(greatest, at);
  var sum = 0.0;
  for (var i = at.index; i < width; i += LANES) { sum += exp(max(logits[start + i] - greatest, -80.0)); }
  sum = sum_lanes(sum, at);
  if (at.index == 0u) {
    let column = targets[row];
    if (column < width) {
      result[row] = max(log(sum) - max(logits[start + column] - greatest, -1e30), 0.0);
    } else {
      result[row] = 0.0;
    }
  }
}
