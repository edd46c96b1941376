import { selfAttention } from "./blocks/attention.js";
import { decoder, decoderConfig, preNorm } from "./blocks/decoder.js";
import { mixtureOfExperts, moeConfig } from "./blocks/moe.js";
import { activation, optional, ropeOptions } from "./config.js";
import type { Family } from "./family.js";

/** Mixtral: a Mistral with eight MLPs in each layer, of which a token takes two. arXiv:2401.04088. */
export const family: Family = (raw) => {
  const config = decoderConfig(raw, { rms_norm_eps: 1e-5, max_position_embeddings: 131_072 });
  const attention = { rope: ropeOptions(raw, 1e6), window: optional(raw, "sliding_window") };
  const experts = moeConfig(raw, {
    num_experts: 8,
    num_experts_per_tok: 2,
    moe_intermediate_size: config.intermediate_size,
    norm_topk_prob: true,
  });
  const mlp = { activation: activation(raw) };
  const norm = { eps: config.rms_norm_eps };
  const model = decoder(
    config,
    { norm },
    preNorm(
      norm,
      (g, x, w) => selfAttention(g, x, w, config, attention),
      (g, x, w) => mixtureOfExperts(g, x, w, experts, mlp),
    ),
  );
  return { ...model, rename: ownName };
};

/** Checkpoints say `block_sparse_moe` and number an expert's projections; the family speaks as the others do. */
function ownName(name: string): string {
  return name
    .replace(".block_sparse_moe.", ".mlp.")
    .replace(/(\.experts\.\d+)\.w([123])\b/, (_, expert, number) => `${expert}.${PROJECTIONS[Number(number) - 1]}`);
}

const PROJECTIONS = ["gate_proj", "down_proj", "up_proj"];
