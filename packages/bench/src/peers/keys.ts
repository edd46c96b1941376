/** What `--peers` may name, in the order in which they are measured. */
export const PEER_KEYS = [
  "onnxruntime",
  "ours",
  "transformers.js",
  "wllama-webgpu",
  "wllama-cpu",
  "llama.cpp-vulkan",
  "llama.cpp-cpu",
] as const;

export type PeerKey = (typeof PEER_KEYS)[number];
