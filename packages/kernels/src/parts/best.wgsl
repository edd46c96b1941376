// The greatest of many values and where it stands; of equal values, the first. Values are compared as ordered integers,
// so the outcome is the same on every device, whatever it makes of infinities and of minus zero.
struct Best {
  key: u32,     // ordered(value)
  index: u32,
}

// Loses against every value. A function and no constant: with a constant of struct type beside an array whose length is
// an override, naga (Firefox, wgpu) refuses the pipeline.
fn no_best() -> Best {
  return Best(0u, 0xffffffffu);
}

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

var<workgroup> best_key: atomic<u32>;
var<workgroup> best_index: atomic<u32>;

// The best over all lanes, the same in each. Call it in uniform control flow. Atomics rather than a tree: they need
// fewer barriers, which are what a small reduction costs on a software adapter.
fn best_lanes(value: Best, at: Lane) -> Best {
  if (at.index == 0u) {
    atomicStore(&best_key, 0u);
    atomicStore(&best_index, 0xffffffffu);
  }
  workgroupBarrier();
  atomicMax(&best_key, value.key);
  workgroupBarrier();
  let key = atomicLoad(&best_key);
  if (value.key == key) { atomicMin(&best_index, value.index); }
  workgroupBarrier();
  let index = atomicLoad(&best_index);
  workgroupBarrier();   // the next call may start over only after all have read
  return Best(key, index);
}
