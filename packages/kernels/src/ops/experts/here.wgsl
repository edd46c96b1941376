// Which experts of a stack lie in the buffer that a dispatch reads; their number is a uniform, so that all buffers of all
// layers share one pipeline.
struct Here {
  first: u32,
  experts: u32,
}
