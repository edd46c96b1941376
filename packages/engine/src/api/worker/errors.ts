import * as kernels from "@alambic/kernels/errors";
import * as engine from "../../errors.js";
import * as text from "../../text/errors.js";
import type { RemoteError } from "./protocol.js";

// By name, so that `instanceof` holds on the page as it did in the worker. The builtins are those that the engine throws.
const CLASSES: Readonly<Record<string, { readonly prototype: Error }>> = {
  ...errorClasses(kernels),
  ...errorClasses(engine),
  ...errorClasses(text),
  RangeError,
  TypeError,
};

function errorClasses(module: object): Record<string, { readonly prototype: Error }> {
  return Object.fromEntries(
    Object.entries(module).filter(([, value]) => typeof value === "function" && value.prototype instanceof Error),
  );
}

export function serialiseError(thrown: unknown): RemoteError {
  const error = thrown instanceof Error || thrown instanceof DOMException ? thrown : new Error(String(thrown));
  const { name, message } = error;
  const fields = Object.fromEntries(
    Object.entries(error).filter(([, value]) => /^(string|number|boolean)$/.test(typeof value)),
  );
  return { name, message, fields };
}

export function reviveError({ name, message, fields }: RemoteError): Error {
  if (name === "AbortError" || name === "TimeoutError") return new DOMException(message, name);
  const error = new Error(message);
  const known = CLASSES[name];
  // The classes build their messages from other arguments, so the finished message is given their prototype instead.
  if (known) Object.setPrototypeOf(error, known.prototype);
  return Object.assign(error, { name }, fields);
}
