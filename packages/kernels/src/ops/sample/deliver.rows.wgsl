// What becomes of the tokens that were drawn: one is kept for each row of the pass, for the place after the row's own.
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read_write> tokens: array<u32>;

fn row_is_live(row: u32) -> bool { return row < step.count; }
fn place_of(row: u32) -> u32 { return step.position + row + 1u; }

fn deliver(row: u32, drawn: u32) {
  tokens[row] = drawn;
}
