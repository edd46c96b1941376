// Sums over runs of SPAN neighbouring lanes, four values at a time, through workgroup memory. Needs a lanes part.
override SPAN: u32;   // a power of two that divides LANES
var<workgroup> span_values: array<vec4f, LANES>;

// The sum over the lane's span, in the first lane of each span; other lanes get partial sums. Call it in uniform control flow.
fn sum_span(value: vec4f, at: Lane) -> vec4f {
  span_values[at.index] = value;
  workgroupBarrier();
  for (var width = SPAN / 2u; width > 0u; width /= 2u) {
    if (at.index % SPAN < width) { span_values[at.index] += span_values[at.index + width]; }
    workgroupBarrier();
  }
  return span_values[at.index];
}
