// collectDraft: what a draft proposed becomes the input of the pass that judges it.
//
//   draft_step     position, count of the draft: its position is past its last proposal
//   draft_history  [N]   u32   the draft's tokens by their place
//   step           position, count of the judge; count becomes 1 + proposals
//   ids            [T]   u32   its first is the last token that stands; the proposals come after it
//
// One lane a proposal. A few words: what it costs is the dispatch.
@group(0) @binding(0) var<storage, read> draft_step: Step;
@group(0) @binding(1) var<storage, read> draft_history: array<u32>;
@group(0) @binding(2) var<storage, read_write> step: Step;
@group(0) @binding(3) var<storage, read_write> ids: array<u32>;

@compute @workgroup_size(LANES)
fn main(at: Lane) {
  let position = step.position;
  let proposals = min(draft_step.position - position, arrayLength(&ids) - 1u);
  for (var i = at.index + 1u; i <= proposals; i += LANES) { ids[i] = draft_history[position + i]; }
  if (at.index == 0u) { step.count = 1u + proposals; }
}
