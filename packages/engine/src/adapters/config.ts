import { AdapterError } from "../errors.js";

/** What `adapter_config.json` says of how strongly each module is changed. */
export interface LoraConfig {
  /** The rank of a module: `r`, or its `rank_pattern`. */
  rankOf(module: string): number;
  /** What B A x is multiplied by: alpha / r, or alpha / sqrt(r) for rsLoRA. */
  scaleOf(module: string): number;
}

/** Keys that change what an adapter computes, with the values under which they do not. */
const UNSUPPORTED: Readonly<Record<string, string>> = {
  use_dora: "DoRA",
  use_qalora: "QA-LoRA",
  use_bdlora: "BD-LoRA",
  alora_invocation_tokens: "activated LoRA (aLoRA)",
  arrow_config: "Arrow routing",
  kasa_config: "KaSA",
  monteclora_config: "MonteCLoRA",
  velora_config: "VeLoRA",
  modules_to_save: "whole modules beside the low-rank ones (modules_to_save)",
  trainable_token_indices: "trained tokens (trainable_token_indices)",
  target_parameters: "parameters that belong to no linear module (target_parameters)",
  layer_replication: "repeated layers (layer_replication)",
  lora_bias: "biases of its own (lora_bias)",
};

/**
 * Reads a PEFT configuration of type LORA.
 *
 * @throws {@link AdapterError} for other kinds of adapter, for variants that compute something else, and for values that
 *   make no sense.
 */
export function loraConfig(name: string, config: Readonly<Record<string, unknown>>): LoraConfig {
  const refuse = (found: string) =>
    new AdapterError(
      "adapter-unsupported",
      `${name} is an adapter with ${found}, which cannot be added at run time. Merge it into its model with PEFT (merge_and_unload) and load that.`,
    );
  const { peft_type, bias = "none", r, lora_alpha, use_rslora = false } = config;
  if (peft_type !== undefined && peft_type !== "LORA") throw refuse(`peft_type ${JSON.stringify(peft_type)}`);
  if (bias !== "none") throw refuse(`trained biases (bias is ${JSON.stringify(bias)})`);
  for (const [key, meaning] of Object.entries(UNSUPPORTED)) if (isSet(config[key])) throw refuse(meaning);
  const wrong = (key: string, value: unknown, expected: string) =>
    new AdapterError(
      "adapter-config",
      `adapter_config.json of ${name}: ${key} is ${JSON.stringify(value) ?? "missing"}; ${expected} was expected. Fetch the file again.`,
    );
  const rank = (key: string, value: unknown) => {
    if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
    throw wrong(key, value, "a whole number above 0");
  };
  const alpha = (key: string, value: unknown) => {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw wrong(key, value, "a number");
  };
  const ranks = patterns(config.rank_pattern, "rank_pattern", rank, wrong);
  const alphas = patterns(config.alpha_pattern, "alpha_pattern", alpha, wrong);
  const [defaultRank, defaultAlpha] = [rank("r", r), alpha("lora_alpha", lora_alpha)];
  const rankOf = (module: string) => ranks(module) ?? defaultRank;
  return {
    rankOf,
    scaleOf: (module) => {
      const own = rankOf(module);
      return (alphas(module) ?? defaultAlpha) / (use_rslora === true ? Math.sqrt(own) : own);
    },
  };
}

function isSet(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== false;
}

/** PEFT's patterns: the first whose expression matches the end of a module's path, whole names at a time. */
function patterns(
  value: unknown,
  key: string,
  read: (key: string, value: unknown) => number,
  wrong: (key: string, value: unknown, expected: string) => AdapterError,
): (module: string) => number | undefined {
  if (value === undefined || value === null) return () => undefined;
  if (typeof value !== "object") throw wrong(key, value, "an object of patterns and numbers");
  const entries = Object.entries(value).map(([pattern, number]) => {
    try {
      return { expression: new RegExp(`^(?:.*\\.)?(?:${pattern})$`), number: read(`${key}[${pattern}]`, number) };
    } catch (error) {
      if (error instanceof AdapterError) throw error;
      throw wrong(key, pattern, "a regular expression");
    }
  });
  return (module) => entries.find(({ expression }) => expression.test(module))?.number;
}
