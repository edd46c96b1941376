// What becomes of the token that was drawn: it closes the step on the GPU. It is the next pass's input and the position
// moves on, so that the host need not wait for one token to ask for the next.
//
//   step      position, count; becomes position + count, 1
//   ids       [T]   u32   input of the next pass: its first is set
//   history   [N]   u32   every token by its place: history[position + count] is set where it fits
@group(0) @binding(2) var<storage, read_write> step: Step;
@group(0) @binding(3) var<storage, read_write> ids: array<u32>;
@group(0) @binding(4) var<storage, read_write> history: array<u32>;

fn row_is_live(row: u32) -> bool { return true; }
fn place_of(row: u32) -> u32 { return step.position + step.count; }

fn deliver(row: u32, drawn: u32) {
  let place = place_of(row);
  ids[0] = drawn;
  if (place < arrayLength(&history)) { history[place] = drawn; }
  step.position = place;
  step.count = 1u;
}
