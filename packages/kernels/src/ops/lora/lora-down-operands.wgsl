// What both kernels of lora's first half bind: inner = scales * (A x), for every adapter of a projection at once.
//
//   step    position, count
//   x       [T, width]       f32   the projection's input
//   a       [ranks, width]   f32   the A of all adapters, one below the other
//   scales  [ranks]          f32   alpha / r times the adapter's weight
//   inner   [T, ranks]       f32
struct Sizes { width: u32, ranks: u32 }

@group(0) @binding(0) var<storage, read> step: Step;
@group(0) @binding(1) var<storage, read> x: array<f32>;
@group(0) @binding(2) var<storage, read> a: array<f32>;
@group(0) @binding(3) var<storage, read> scales: array<f32>;
@group(0) @binding(4) var<storage, read_write> inner: array<f32>;
@group(0) @binding(5) var<uniform> sizes: Sizes;
