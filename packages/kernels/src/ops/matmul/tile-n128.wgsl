// Rows of W that a workgroup of matmul-packed.wgsl makes, a multiple of 8.
const TILE_N = 128u;
