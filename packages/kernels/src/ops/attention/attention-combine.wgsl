// attentionDecode, second dispatch: the splits that attention-decode.wgsl left, brought to one scale and added.
//
//   step       position, count
//   partials   [HEADS, splits, WIDTH]   f32   sum of weight * value, then greatest score, sum of weights; the last may be unused
//   y          [1, HEADS, HEAD_DIM]     f32
//
// One workgroup a head. Lanes are dimensions; where they are twice as many, or more, they are slices of the splits too.
override HEADS: u32;
override WIDTH: u32;
override HEAD_DIM: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> partials: array<f32>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

override SPLIT: u32;                       // keys of a split
override SLICES: u32 = LANES / HEAD_DIM;   // LANES >= HEAD_DIM

var<workgroup> factors: array<f32, LANES>;
var<workgroup> slice_sums: array<f32, LANES>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  if (step.count == 0u) { return; }
  let splits = arrayLength(&partials) / (HEADS * WIDTH);
  let context = min(step.position + 1u, splits * SPLIT);
  let first = first_seen(context - 1u) / SPLIT;   // splits, from here on
  let end = (context + SPLIT - 1u) / SPLIT;
  let head = group.id.x * splits;

  var greatest = MASKED;
  for (var s = first + at.index; s < end; s += LANES) {
    greatest = max(greatest, partials[(head + s) * WIDTH + HEAD_DIM]);
  }
  greatest = max_lanes(greatest, at);

  let slice = at.index / HEAD_DIM;
  let d = at.index % HEAD_DIM;
  var sum = 0.0;
  var weights = 0.0;
  for (var chunk = first; chunk < end; chunk += LANES) {
    let own = chunk + at.index;
    if (own < end) {
      factors[at.index] = exp(partials[(head + own) * WIDTH + HEAD_DIM] - greatest);
      weights += factors[at.index] * partials[(head + own) * WIDTH + HEAD_DIM + 1u];
    }
    workgroupBarrier();
    if (slice < SLICES) {
      for (var s = slice; s < min(LANES, end - chunk); s += SLICES) {
        sum += factors[s] * partials[(head + chunk + s) * WIDTH + d];
      }
    }
    workgroupBarrier();
  }
  weights = sum_lanes(weights, at);
  slice_sums[at.index] = sum;
  workgroupBarrier();

  if (slice == 0u) {
    for (var s = 1u; s < SLICES; s++) { sum += slice_sums[s * HEAD_DIM + d]; }
    y[group.id.x * HEAD_DIM + d] = sum / weights;
  }
}
