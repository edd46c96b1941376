// As kv-write.f32.wgsl, for a cache of int8: a row is its scale, then one word a four. The lanes of a row stand side by
// side in a span of SPAN lanes, SPAN a power of two that divides LANES, and find their greatest number together. There is
// no append_pair: a lane that holds but a pair does not know the scale.
var<workgroup> span_maxima: array<f32, LANES>;

fn row_scale(four: vec4f, at: Lane) -> f32 {
  let sizes = abs(four);
  span_maxima[at.index] = max(max(sizes.x, sizes.y), max(sizes.z, sizes.w));
  workgroupBarrier();
  for (var width = SPAN / 2u; width > 0u; width /= 2u) {
    if (at.index % SPAN < width) {
      span_maxima[at.index] = max(span_maxima[at.index], span_maxima[at.index + width]);
    }
    workgroupBarrier();
  }
  return span_maxima[at.index / SPAN * SPAN] / 127.0;
}

fn append(row: u32, block: u32, four: vec4f, scale: f32) {
  let place = row * (BLOCKS + 1u);
  if (block == 0u) { cache[place] = bitcast<u32>(scale); }
  let levels = vec4i(round(clamp(four / max(scale, 1e-30), vec4f(-127.0), vec4f(127.0))));
  let bytes = (bitcast<vec4u>(levels) & vec4u(0xffu)) << vec4u(0u, 8u, 16u, 24u);
  cache[place + 1u + block] = bytes.x | bytes.y | bytes.z | bytes.w;
}
