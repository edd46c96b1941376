// sample: draws a token from each row of logits. Temperature, then top-k, top-p and min-p, as Hugging Face orders them.
//
//   logits    [ROWS, V]    f32
//   settings  [8]          temperature f32, top_k u32, top_p f32, min_p f32, seed u32, three words unused
//   step      position, count, declared by the part that takes the token: deliver.token.wgsl, deliver.advance.wgsl or
//             deliver.rows.wgsl. It also says which place of the text a row's token is for: place_of(row).
//
// Nothing is sorted. The k-th greatest logit and the logit at which the nucleus is full are each the largest key at or
// above which enough weight lies (a count, or probability), found digit by digit. The draw is the greatest of
// log-probability plus Gumbel noise, which depends on seed, place in the text and token alone. Temperature 0 takes the
// greatest logit. Equal logits stand or fall together, also at the edge of the nucleus.
//
// One workgroup a row. Two passes over the logits (three for top-p alone); the digits are then looked for in a short list,
// unless more than LIST logits may belong (top_k past 256, a nearly flat nucleus), when each digit is a pass.
@group(0) @binding(0) var<storage, read> logits: array<f32>;
@group(0) @binding(1) var<storage, read> settings: Settings;

override ROWS: u32;
var<private> row_start: u32;

fn vocabulary() -> u32 { return arrayLength(&logits) / ROWS; }   // of the binding, so one pipeline serves every model
fn logit_at(token: u32) -> f32 { return logits[row_start + token]; }

struct Settings {
  temperature: f32,
  top_k: u32,    // 0: off
  top_p: f32,    // 1: off
  min_p: f32,    // 0: off
  seed: u32,
}

const DIGIT = 6u;     // bits of a digit
const BINS = 64u;     // its values; LANES must be no fewer
const LIST = 2048u;
var<workgroup> list: array<u32, LIST>;
var<workgroup> list_length: atomic<u32>;
var<workgroup> lows: array<atomic<u32>, BINS>;
var<workgroup> highs: array<atomic<u32>, BINS>;
var<workgroup> chosen: u32;

// Where the candidates are: in the list, or anywhere in the row.
struct Candidates {
  count: u32,
  listed: bool,
}

struct Scale {
  greatest: f32,   // of the logits
  inverse: f32,    // of the temperature
}

// Log-probability up to a constant, 0 for the greatest. Bounded, for logits masked with -3.4e38.
fn relative(logit: f32, scale: Scale) -> f32 {
  return max(logit - scale.greatest, -1e9) * scale.inverse;
}

fn weight_of(key: u32, scale: Scale) -> vec2u {
  return wide_weight(exp(max(relative(unordered(key), scale), -80.0)));
}

fn candidate(place: u32, field: Candidates) -> u32 {
  if (field.listed) { return list[place]; }
  return place;
}

// The k-th greatest of the lanes' maxima. At least k logits are no less, so no smaller one can be in the top k.
fn floor_of_top_k(lane_key: u32, k: u32, at: Lane) -> u32 {
  list[at.index] = lane_key;
  if (at.index == 0u) { chosen = 0u; }
  workgroupBarrier();
  var rank = 0u;
  for (var i = 0u; i < LANES; i++) {
    if (list[i] > lane_key || (list[i] == lane_key && i < at.index)) { rank++; }
  }
  if (rank + 1u == k) { chosen = lane_key; }
  return workgroupUniformLoad(&chosen);   // its barriers also keep the lanes' maxima until all have read them
}

// No logit below this key can be in the nucleus: even if all others were that low, they would weigh less than the
// 1 - p of the total that may be left out.
fn floor_of_nucleus(total: vec2u, temperature: f32, p: f32, scale: Scale) -> u32 {
  let spare = (1.0 - p) * wide_float(total) * 9.094947e-13;   // back from units of 2^-40
  let reach = log(f32(vocabulary()) / spare) + 0.01;
  return ordered(scale.greatest - temperature * max(reach, 0.0));
}

// Lists the logits at or above `lowest`. Returns where candidates are found.
fn list_from(lowest: u32, at: Lane) -> Candidates {
  if (at.index == 0u) { atomicStore(&list_length, 0u); }
  workgroupBarrier();
  for (var i = at.index; i < vocabulary(); i += LANES) {
    if (ordered(logit_at(i)) < lowest) { continue; }
    let place = atomicAdd(&list_length, 1u);
    if (place < LIST) { list[place] = i; }
  }
  workgroupBarrier();
  let length = atomicLoad(&list_length);
  if (length > LIST) { return Candidates(vocabulary(), false); }
  return Candidates(length, true);
}

fn clear_bins(at: Lane) {
  if (at.index < BINS) {
    atomicStore(&lows[at.index], 0u);
    atomicStore(&highs[at.index], 0u);
  }
  workgroupBarrier();
}

fn add_to_bin(bin: u32, amount: vec2u) {
  let before = atomicAdd(&lows[bin], amount.x);
  let high = amount.y + select(0u, 1u, before + amount.x < before);
  if (high > 0u) { atomicAdd(&highs[bin], high); }
}

fn bin_sum(bin: u32) -> vec2u {
  return vec2u(atomicLoad(&lows[bin]), atomicLoad(&highs[bin]));
}

// Weight of all candidates at or above `lowest`, the same in each lane.
fn total_weight(field: Candidates, lowest: u32, scale: Scale, at: Lane) -> vec2u {
  var sum = vec2u(0u);
  for (var place = at.index; place < field.count; place += LANES) {
    let key = ordered(logit_at(candidate(place, field)));
    if (key >= lowest) { sum = wide_add(sum, weight_of(key, scale)); }
  }
  clear_bins(at);
  add_to_bin(0u, sum);
  workgroupBarrier();
  let total = bin_sum(0u);
  workgroupBarrier();   // all have read before the bins are cleared again
  return total;
}

// The largest key such that the candidates at or above it, none below `lowest`, reach `goal`: in weight, or in number.
fn key_reaching(goal: vec2u, by_weight: bool, field: Candidates, lowest: u32, scale: Scale, at: Lane) -> u32 {
  var prefix = 0u;          // digits found so far, at the top of the key
  var above = vec2u(0u);    // lane 0: sum of the keys above every one that begins with the prefix
  for (var end = 32u; end > 0u;) {
    let start = end - min(end, DIGIT);   // this digit: bits start to end
    let known = select(0xffffffffu << end, 0u, end == 32u);
    clear_bins(at);
    for (var place = at.index; place < field.count; place += LANES) {
      let key = ordered(logit_at(candidate(place, field)));
      if (key < lowest || (key & known) != prefix) { continue; }
      var amount = vec2u(1u, 0u);
      if (by_weight) { amount = weight_of(key, scale); }
      add_to_bin(extractBits(key, start, end - start), amount);
    }
    workgroupBarrier();
    if (at.index == 0u) {
      var bin = BINS - 1u;
      var reached = wide_add(above, bin_sum(bin));
      while (bin > 0u && wide_less(reached, goal)) {
        above = reached;
        bin--;
        reached = wide_add(above, bin_sum(bin));
      }
      chosen = bin;
    }
    prefix |= workgroupUniformLoad(&chosen) << start;
    end = start;
  }
  return prefix;
}

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let row = group.id.x;
  if (!row_is_live(row)) { return; }   // the same in every lane, so the barriers stay uniform
  row_start = row * vocabulary();
  var best = no_best();
  for (var i = at.index; i < vocabulary(); i += LANES) {
    best = better(best, Best(ordered(logit_at(i)), i));
  }
  let lane_key = best.key;
  best = best_lanes(best, at);
  if (settings.temperature <= 0.0) {
    if (at.index == 0u) { deliver(row, best.index); }
    return;
  }

  let temperature = clamp(settings.temperature, 1e-20, 1e20);
  let scale = Scale(unordered(best.key), 1.0 / temperature);
  let some_k = settings.top_k > 0u && settings.top_k < vocabulary();
  let some_p = settings.top_p < 1.0;
  var field = Candidates(vocabulary(), false);
  var lowest = 0u;
  for (var stage = 0u; stage < 2u; stage++) {   // top-k, then top-p: one loop, so that the search is compiled once
    let by_weight = stage == 1u;
    if (!select(some_k, some_p, by_weight)) { continue; }
    var goal = vec2u(settings.top_k, 0u);
    var total = vec2u(0u);
    if (by_weight) {
      total = total_weight(field, lowest, scale, at);
      goal = wide_share(total, settings.top_p);
    }
    if (!by_weight || !some_k) {   // the first search finds the whole row before it, and makes the list
      if (by_weight) {
        lowest = floor_of_nucleus(total, temperature, settings.top_p, scale);
      } else if (settings.top_k <= LANES) {
        lowest = floor_of_top_k(lane_key, settings.top_k, at);
      }
      field = list_from(lowest, at);
    }
    lowest = max(lowest, key_reaching(goal, by_weight, field, lowest, scale, at));
  }
  var least = -1e38;   // of relative log-probability
  if (settings.min_p > 0.0) { least = min(log(settings.min_p), 0.0); }

  best = no_best();
  let place_in_text = place_of(row);
  for (var place = at.index; place < field.count; place += LANES) {
    let index = candidate(place, field);
    let logit = logit_at(index);
    let log_weight = relative(logit, scale);
    if (ordered(logit) < lowest || log_weight < least) { continue; }
    let bits = pcg3d(vec3u(index, place_in_text, settings.seed)).z;
    best = better(best, Best(ordered(log_weight + gumbel(bits)), index));
  }
  best = best_lanes(best, at);
  if (at.index == 0u) { deliver(row, best.index); }
}
