/** What some GPU work moves and computes at least. */
export interface PlanCost {
  readonly dispatches: number;
  /** Bytes read from and written to memory, each once. */
  readonly bytes: number;
  /** f32 operations; a multiply-add counts as two. */
  readonly flops: number;
}

export interface PlanCostsOptions {
  /** Tokens of the prompt that are to be computed. */
  readonly prompt: number;
  /** Tokens of the prompt that a cache holds already. Default 0. */
  readonly cached?: number;
  /** Tokens before the one that is decoded. */
  readonly position: number;
}

export interface PlanCosts {
  /** The whole prompt, up to the first sampled token. */
  readonly prefill: PlanCost;
  /** One token at `position`. */
  readonly decode: PlanCost;
}
