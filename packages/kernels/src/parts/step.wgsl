// What changes with each pass lives in one small buffer that kernels read, so that a plan is encoded the same for
// every token. Rows of a pass are its tokens; kernels return early for rows at or past `count`.
struct Step {
  position: u32,   // tokens in the KV cache before this pass: row r stands at position + r
  count: u32,      // tokens in this pass
}
