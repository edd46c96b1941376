/** A model served from a data centre. Billions of parameters; a dense model uses all of them for every token. */
export interface HostedModel {
  readonly active: number;
  readonly total: number;
}

/** What a hosted answer costs by one method. Both ends of its 95 % interval, and the middle, which is what cards show. */
export interface Footprint {
  readonly wattHours: number;
  readonly range: readonly [low: number, high: number];
  /** From the electricity and from making the machines, in grams of CO2 equivalent. */
  readonly gramsCO2: number;
  /** Seconds of the servers' time. */
  readonly seconds: number;
  readonly gpus: number;
}

/** A published way of estimating what a hosted answer costs. No two agree, so a figure always names its method. */
export interface EnergyMethod {
  readonly name: string;
  /** Where its formula is published. */
  readonly source: string;
  estimate(model: HostedModel, outputTokens: number): Footprint;
}

export function middle([low, high]: readonly [number, number]): number {
  return (low + high) / 2;
}
