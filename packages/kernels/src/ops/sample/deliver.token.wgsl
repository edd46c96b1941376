// What becomes of the token that was drawn: it is kept. Other bodies are deliver.advance.wgsl and deliver.rows.wgsl.
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read_write> token: array<u32>;

fn row_is_live(row: u32) -> bool { return true; }
fn place_of(row: u32) -> u32 { return step.position + step.count; }

fn deliver(row: u32, drawn: u32) {
  token[0] = drawn;
}
