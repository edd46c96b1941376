// pool: one vector for each text of a pass: the mean of its rows, or its first row; then, if asked, of length 1.
//
//   x      [T, WIDTH]   f32
//   texts  [N, 2]       u32   first row of each text, and the one past its last; equal for no text
//   y      [N, WIDTH]   f32
//
// One workgroup a text. Bandwidth-bound: 4 * WIDTH bytes a row.
override WIDTH: u32;
override MEAN: u32;        // 1: the mean of all rows; 0: the first
override NORMALIZE: u32;   // 1: divided by the Euclidean norm, or by 1e-12 where that is less
@group(0) @binding(0) var<storage, read> x: array<f32>;
@group(0) @binding(1) var<storage, read> texts: array<vec2u>;
@group(0) @binding(2) var<storage, read_write> y: array<f32>;

@compute @workgroup_size(LANES)
fn main(group: Workgroup, at: Lane) {
  let id = group.id.y * group.grid.x + group.id.x;
  if (id >= arrayLength(&texts)) { return; }
  let text = texts[id];
  if (text.x >= text.y) { return; }
  let end = select(text.x + 1u, text.y, MEAN == 1u);
  var squares = 0.0;
  for (var i = at.index; i < WIDTH; i += LANES) {
    var sum = 0.0;
    for (var row = text.x; row < end; row++) { sum += x[row * WIDTH + i]; }
    let value = sum / f32(end - text.x);
    y[id * WIDTH + i] = value;
    squares += value * value;
  }
  if (NORMALIZE == 0u) { return; }
  let norm = max(sqrt(sum_lanes(squares, at)), 1e-12);
  for (var i = at.index; i < WIDTH; i += LANES) { y[id * WIDTH + i] /= norm; }
}
