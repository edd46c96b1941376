import { EngineError } from "../errors.js";

/** What a call fails with, as `code: message`. Throws when it succeeds, or fails with something that is no error of the engine. */
export async function failure(call: () => unknown): Promise<string> {
  let result: unknown;
  try {
    result = await call();
  } catch (error) {
    if (error instanceof EngineError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error(`expected a failure; the call gave ${JSON.stringify(result)}`);
}
