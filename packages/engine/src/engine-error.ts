/** Every error of the engine: what was found, what was expected, what to do next. An aborted call rejects with its `signal.reason` instead. */
export class EngineError extends Error {
  /** Stable and machine-readable, e.g. `"source-not-found"`. */
  readonly code: string;
  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** One whose code is one of a few. */
export abstract class CodedError<Code extends string> extends EngineError {
  declare readonly code: Code;
  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(code, message, options);
  }
}
