// What becomes of the token that was drawn: it is kept. The other body is deliver.advance.wgsl.
@group(0) @binding(2) var<storage, read> step: Step;
@group(0) @binding(3) var<storage, read_write> token: array<u32>;

fn deliver(drawn: u32) {
  token[0] = drawn;
}
