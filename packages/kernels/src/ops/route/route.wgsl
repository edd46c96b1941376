// route: the experts of each token, the likeliest first, by softmax over the router's logits.
//
//   step      position, count
//   logits    [T, EXPERTS]   f32
//   choices   [T, TOP_K]     Choice: expert u32, weight f32
//
// weight = exp(logit) / (sum over all experts, or with NORMALISE over those chosen). Of equal logits the lower index
// goes first. A workgroup takes a token: each lane finds the rank of its experts among all, so there is no sorting and
// nothing to wait for but two barriers. Bound by latency: EXPERTS^2 comparisons out of workgroup memory.
override EXPERTS: u32;
override TOP_K: u32;
override NORMALISE: bool;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read_write> choices: array<Choice>;

var<workgroup> values: array<f32, EXPERTS>;
var<workgroup> exps: array<f32, EXPERTS>;
var<workgroup> chosen: array<Choice, TOP_K>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let token = group.id.y * group.grid.x + group.id.x;
  if (token >= step.count) { return; }   // the same in every lane, so the barriers stay uniform
  for (var e = at.index; e < EXPERTS; e += LANES) { values[e] = logits[token * EXPERTS + e]; }
  workgroupBarrier();
  var greatest = values[0];
  for (var e = 1u; e < EXPERTS; e++) { greatest = max(greatest, values[e]); }
  for (var e = at.index; e < EXPERTS; e += LANES) {
    let value = values[e];
    exps[e] = exp(value - greatest);
    var rank = 0u;
    for (var other = 0u; other < EXPERTS; other++) {
      let ahead = values[other] > value || (values[other] == value && other < e);
      rank += select(0u, 1u, ahead);
    }
    if (rank < TOP_K) { chosen[rank] = Choice(e, exps[e]); }
  }
  workgroupBarrier();
  if (at.index >= TOP_K) { return; }
  var total = 0.0;
  if (NORMALISE) {
    for (var i = 0u; i < TOP_K; i++) { total += chosen[i].weight; }
  } else {
    for (var e = 0u; e < EXPERTS; e++) { total += exps[e]; }
  }
  for (var i = at.index; i < TOP_K; i += LANES) {
    choices[token * TOP_K + i] = Choice(chosen[i].expert, chosen[i].weight / total);
  }
}
