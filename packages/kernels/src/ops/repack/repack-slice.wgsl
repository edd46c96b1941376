// What the kernels that repack share: where a slice of the source belongs in a block of the target.
struct Slice {
  source_stride: u32,   // words from one row of the source to the next
  first_row: u32,       // of the matrix: the block's first
  rows: u32,            // of the block
  words: u32,           // of a row of the target, in this slice; groups where groups are repacked
  first_word: u32,      // where they begin in a row
  stride: u32,          // words of a whole row of the target
}

// The field of AWQ's word that holds output n: outputs stand in the order 0 2 4 6 1 3 5 7.
fn awq_field(n: u32) -> u32 {
  return select(n / 2u, 4u + n / 2u, n % 2u == 1u);
}
