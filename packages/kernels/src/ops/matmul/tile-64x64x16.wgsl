// The tile of a workgroup: tokens, rows of W, columns. A multiple of 4, of 4 and of 8.
const TILE_T = 64u;
const TILE_N = 64u;
const TILE_K = 16u;
