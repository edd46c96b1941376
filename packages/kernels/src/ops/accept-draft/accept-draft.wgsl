// acceptDraft: closes a round of speculative decoding. A proposal stands if it is the token that the judge drew itself
// from the row before it; the first that is not is replaced by the judge's, and what came after it is forgotten.
//
//   drawn        [T]      u32   the judge's own tokens: row r's follows input r
//   ids          [T]      u32   the judge's inputs: the last token that stood, then the proposals; its first is set
//   step         position, count: 1 + proposals; becomes the place of the new last token, 1
//   draft_ids    [D]      u32   the draft's next input: its first is set
//   draft_step   as step afterwards: the draft goes on from the same place
//   outcome      [T + 3]  u32   proposals; how many of them stand; the first that does not, or NONE; then the tokens of this
//                               round, one more than stand
//
// One lane: a round has a handful of tokens. What it costs is the dispatch.
@group(0) @binding(0) var<storage, read> drawn: array<u32>;
@group(0) @binding(1) var<storage, read_write> ids: array<u32>;
@group(0) @binding(2) var<storage, read_write> step: Step;
@group(0) @binding(3) var<storage, read_write> draft_ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> draft_step: Step;
@group(0) @binding(5) var<storage, read_write> outcome: array<u32>;

const NONE = 0xffffffffu;

@compute @workgroup_size(1)
fn main() {
  let proposals = step.count - 1u;
  var stand = 0u;
  while (stand < proposals && ids[stand + 1u] == drawn[stand]) {
    outcome[3u + stand] = drawn[stand];
    stand++;
  }
  let last = drawn[stand];
  var refused = NONE;
  if (stand < proposals) { refused = ids[stand + 1u]; }
  outcome[0] = proposals;
  outcome[1] = stand;
  outcome[2] = refused;
  outcome[3u + stand] = last;

  let position = step.position + stand + 1u;
  ids[0] = last;
  draft_ids[0] = last;
  step.position = position;
  step.count = 1u;
  draft_step.position = position;
  draft_step.count = 1u;
}
