// readBandwidth: reads every word once and does next to nothing with it. What it takes is what reading takes.
//
//   words  [N]      u32   N a multiple of 4
//   sums   [lanes]  u32   sum of the words that a lane read, modulo 2^32: exact in any order
//
// Neighbouring lanes read neighbouring vec4s; four loads are under way before the first is used. Every lane writes its
// own sum, since a barrier would cost a software adapter more than all the reading.
@group(0) @binding(0) var<storage, read> words: array<vec4u>;
@group(0) @binding(1) var<storage, read_write> sums: array<u32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let lane = group.id.x * LANES + at.index;
  let stride = arrayLength(&sums);
  if (lane >= stride) { return; }
  let length = arrayLength(&words);
  var i = lane;
  var total = vec4u(0u);
  for (; i + 3u * stride < length; i += 4u * stride) {
    let a = words[i];
    let b = words[i + stride];
    let c = words[i + 2u * stride];
    let d = words[i + 3u * stride];
    total += (a + b) + (c + d);
  }
  for (; i < length; i += stride) { total += words[i]; }
  sums[lane] = total.x + total.y + total.z + total.w;
}
