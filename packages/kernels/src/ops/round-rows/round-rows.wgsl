// roundRows: rows of x as signed bytes, 32 columns to a scale: x = scale * byte, the greatest of the 32 being 127 or -127.
//
//   step    position, count: rows at or past count are left alone
//   x       [T, K]              f32, K a multiple of 32
//   bytes   [T, K / 32, 8]      four bytes to a word, the first in the lowest bits
//   scales  [T, K / 32, 2]      f32: the scale, then the scale times the sum of the 32 bytes
//
// In each eight columns either the first four and then the others, or the even and then the odd: the order in which masks
// take nibbles out of a word.
override K32: u32;
override EVEN_ODD: bool;
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> bytes: array<u32>;
@group(0) @binding(3) var<storage, read_write> scales: array<vec2f>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let i = (group.id.y * group.grid.x + group.id.x) * LANES + at.index;   // a row's 32 columns
  if (i >= step.count * K32) { return; }
  var greatest = vec4f();
  for (var k4 = 0u; k4 < 8u; k4++) { greatest = max(greatest, abs(x[8u * i + k4])); }
  let scale = max(max(greatest.x, greatest.y), max(greatest.z, greatest.w)) / 127.0;
  let inverse = select(1.0 / scale, 0.0, scale == 0.0);
  var sum = 0;
  for (var k8 = 0u; k8 < 4u; k8++) {
    var low = x[8u * i + 2u * k8] * inverse;
    var high = x[8u * i + 2u * k8 + 1u] * inverse;
    if (EVEN_ODD) {
      let even = vec4f(low.xz, high.xz);
      high = vec4f(low.yw, high.yw);
      low = even;
    }
    let low_bytes = pack4xI8Clamp(vec4i(round(low)));
    let high_bytes = pack4xI8Clamp(vec4i(round(high)));
    bytes[8u * i + 2u * k8] = low_bytes;
    bytes[8u * i + 2u * k8 + 1u] = high_bytes;
    sum += dot4I8Packed(low_bytes, 0x01010101u) + dot4I8Packed(high_bytes, 0x01010101u);
  }
  scales[i] = vec2f(scale, scale * f32(sum));
}
