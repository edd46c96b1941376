import type { Part } from "../dispatch.js";
import geluWgsl from "./activation.gelu.wgsl?raw";
import geluTanhWgsl from "./activation.gelu-tanh.wgsl?raw";
import siluWgsl from "./activation.silu.wgsl?raw";

/** `silu` makes SwiGLU (Llama, Qwen, Mistral), `gelu_tanh` GeGLU (Gemma); `gelu` is the exact one (BERT). */
export type Activation = "silu" | "gelu_tanh" | "gelu";

/** `activate(x)`, by name. */
export const activations: Readonly<Record<Activation, Part>> = {
  silu: { name: "activation.silu.wgsl", wgsl: siluWgsl },
  gelu_tanh: { name: "activation.gelu-tanh.wgsl", wgsl: geluTanhWgsl },
  gelu: { name: "activation.gelu.wgsl", wgsl: geluWgsl },
};
