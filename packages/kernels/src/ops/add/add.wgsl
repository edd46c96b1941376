// add: y = a + SCALE * b, element by element: the residual stream.
//
//   step        position, count
//   a, b, y     [T, WIDTH]   f32
//
// A workgroup takes a chunk of a row. Bandwidth-bound: 12 bytes an element.
override WIDTH: u32;
override SCALE: f32;   // 1 but for Granite
@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let chunk = chunk_of(group, WIDTH);
  if (chunk.row >= step.count) { return; }
  let start = chunk.row * WIDTH;
  for (var i = start + chunk.first + at.index; i < start + chunk.end; i += LANES) {
    y[i] = a[i] + SCALE * b[i];
  }
}
