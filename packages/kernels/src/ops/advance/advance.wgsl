// advance: closes a decode step on the GPU. The token that was picked becomes the next pass's input and the position
// moves on, so that the host need not wait for one token to ask for the next.
//
//   token    [1]   u32   picked after this pass
//   step     position, count; becomes position + count, 1
//   ids      [T]   u32   input of the next pass: its first is set
//   history  [N]   u32   every token by its place: history[position + count] is set where it fits
//
// One thread.
@group(0) @binding(0) var<storage, read> token: array<u32>;
@group(0) @binding(1) var<storage, read_write> step: Step;
@group(0) @binding(2) var<storage, read_write> ids: array<u32>;
@group(0) @binding(3) var<storage, read_write> history: array<u32>;

@compute @workgroup_size(1)
fn main() {
  let next = step.position + step.count;
  ids[0] = token[0];
  if (next < arrayLength(&history)) { history[next] = token[0]; }
  step.position = next;
  step.count = 1u;
}
