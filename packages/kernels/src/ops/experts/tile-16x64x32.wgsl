// The tile of a workgroup: tokens, rows of W, columns. Low, because an expert gets few of a chunk's tokens.
const TILE_T = 16u;
const TILE_N = 64u;
const TILE_K = 32u;
