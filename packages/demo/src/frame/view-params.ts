import type { ReactiveController, ReactiveControllerHost } from "lit";
import { address, onAddress, replaceAddress } from "./address.js";
import { type Params, readParams, writeParams } from "./params.js";

/**
 * What a component shows by choice, as the address has it: read when the component comes into the page and when the user
 * travels, written with every change.
 */
export class ViewParams<T extends object> implements ReactiveController {
  readonly #host: ReactiveControllerHost;
  readonly #params: Params<T>;
  readonly #changed: (() => void) | undefined;
  #values: T;
  #leave = () => {};

  /** `changed` hears of values that came from the address, for hosts that have more to do than to render. */
  constructor(host: ReactiveControllerHost, params: Params<T>, changed?: () => void) {
    this.#host = host;
    this.#params = params;
    this.#changed = changed;
    this.#values = readParams(params, address());
    host.addController(this);
  }

  get values(): T {
    return this.#values;
  }

  set(change: Partial<T>): void {
    this.#values = { ...this.#values, ...change };
    replaceAddress((here) => writeParams(this.#params, this.#values, here));
    this.#host.requestUpdate();
  }

  hostConnected(): void {
    this.#read();
    this.#leave = onAddress((how) => {
      if (how === "travelled") this.#read();
    });
  }

  hostDisconnected(): void {
    this.#leave();
  }

  #read(): void {
    const before = JSON.stringify(this.#values);
    this.#values = readParams(this.#params, address());
    if (JSON.stringify(this.#values) === before) return;
    this.#host.requestUpdate();
    this.#changed?.();
  }
}
