/** How an adapter was found. The two providers (`#gpu`) return it: the browser's and Node's. */
export interface FoundAdapter {
  readonly adapter: GPUAdapter;
  /** Held as long as the device: let go of Dawn's instance and the process dies. */
  readonly gpu: GPU;
  /** A plain sentence for reports where there is something to say, as when a software driver stands in. */
  readonly note?: string;
  /** For adapters that compute on the CPU, where waiting itself takes a core. */
  readonly rest?: Rest;
}

/** Keeps this thread off the CPU while work is under way. */
export interface Rest {
  /** Until it resolves or rejects. */
  during(work: Promise<unknown>): void;
}

export interface AdapterRequest {
  readonly powerPreference?: GPUPowerPreference;
  /** Take the software adapter even where there is a GPU. */
  readonly forceSoftware?: boolean;
}
