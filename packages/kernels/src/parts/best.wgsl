// The greatest of many values and where it stands; of equal values, the first. Values are compared as ordered integers,
// so the outcome is the same on every device, whatever it makes of infinities and of minus zero.
struct Best {
  key: u32,     // ordered(value)
  index: u32,
}

const NO_BEST = Best(0u, 0xffffffffu);   // loses against every value

// Bits of a float, rearranged so that they compare as the float does. Minus zero counts as zero.
fn ordered(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  if (bits == 0x80000000u) { return 0x80000000u; }
  return select(bits | 0x80000000u, ~bits, bits >= 0x80000000u);
}

// The float behind a key.
fn unordered(key: u32) -> f32 {
  return bitcast<f32>(select(~key, key & 0x7fffffffu, key >= 0x80000000u));
}

fn better(a: Best, b: Best) -> Best {
  let first = a.key > b.key || (a.key == b.key && a.index < b.index);
  return Best(select(b.key, a.key, first), select(b.index, a.index, first));
}

var<workgroup> lane_bests: array<Best, LANES>;

// The best over all lanes, the same in each and uniform. Call it in uniform control flow.
fn best_lanes(value: Best, at: Lane) -> Best {
  lane_bests[at.index] = value;
  workgroupBarrier();
  for (var width = LANES / 2u; width > 0u; width /= 2u) {
    if (at.index < width) { lane_bests[at.index] = better(lane_bests[at.index], lane_bests[at.index + width]); }
    workgroupBarrier();
  }
  return workgroupUniformLoad(&lane_bests[0]);   // its barriers also keep the next call from overwriting too early
}
