// The tile of a workgroup: tokens, rows of W, columns. A multiple of 4, of 4 and of 8.
const TILE_T = 32u;
const TILE_N = 32u;
const TILE_K = 32u;
