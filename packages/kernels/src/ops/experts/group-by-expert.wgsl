// groupByExpert: which tokens each expert gets. An assignment is a token's i-th choice, numbered token * TOP_K + i.
//
//   step      position, count
//   choices   [T, TOP_K]       Choice
//   order     [T * TOP_K]      u32: the assignments, expert by expert, each expert's in their order
//   tiles     [MOST_TILES]     vec4u: expert, first place in order, how many (at most TILE), 0; those not needed are 0
//
// Counts, their running sum, then the places: a lane does so for each of its experts by itself, so that the order is
// always the same and no atomic is needed. One workgroup; bound by latency, 2 * T * TOP_K reads of one word by all lanes.
override EXPERTS: u32;
override TOP_K: u32;
override TILE: u32;
override MOST_TILES: u32;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> choices: array<Choice>;
@group(0) @binding(2) var<storage, read_write> order: array<u32>;
@group(0) @binding(3) var<storage, read_write> tiles: array<vec4u>;

var<workgroup> counts: array<u32, EXPERTS>;

@compute @workgroup_size(LANES)
fn main(at: Lane) {
  let assignments = step.count * TOP_K;
  for (var e = at.index; e < EXPERTS; e += LANES) {
    var count = 0u;
    for (var a = 0u; a < assignments; a++) { count += select(0u, 1u, choices[a].expert == e); }
    counts[e] = count;
  }
  workgroupBarrier();
  for (var e = at.index; e < EXPERTS; e += LANES) {
    let before = totals(e);
    var place = before.x;
    for (var a = 0u; a < assignments; a++) {
      if (choices[a].expert != e) { continue; }
      order[place] = a;
      place++;
    }
    for (var i = 0u; i * TILE < counts[e]; i++) {
      tiles[before.y + i] = vec4u(e, before.x + i * TILE, min(TILE, counts[e] - i * TILE), 0u);
    }
  }
  for (var i = totals(EXPERTS).y + at.index; i < MOST_TILES; i += LANES) { tiles[i] = vec4u(); }
}

// Assignments and tiles of the experts before one.
fn totals(expert: u32) -> vec2u {
  var sums = vec2u();
  for (var e = 0u; e < expert; e++) { sums += vec2u(counts[e], (counts[e] + TILE - 1u) / TILE); }
  return sums;
}
