// emptyDispatch: adds 1 to a number. Many of them in a row, each reading what the last wrote, show what a dispatch
// costs that does nothing: the floor under every small model's token.
//
//   value  [1]  u32
@group(0) @binding(0) var<storage, read_write> value: array<u32>;

@compute @workgroup_size(1)
fn main() {
  value[0] += 1u;
}
