import { bytesOfChoice, type Choice, choicesOf, writeChoices } from "../engine/choice.js";
import type { openPair, PairProgress } from "../engine/pair.js";
import { ROLES, type Role } from "../engine/roles.js";
import type { Support } from "../engine/support.js";
import { replaceAddress } from "../frame/address.js";
import { keepModels } from "../offline/register.js";
import { type Store, type Trouble, troubleOf } from "./store.js";

export interface PairParts {
  readonly checkSupport: () => Promise<Support>;
  readonly shortOfRoom: (bytes: number) => Promise<number | undefined>;
  readonly openPair: typeof openPair;
}

/** Brings the pair to the GPU and takes note when it is lost, for all views together. */
export class PairControl {
  readonly #store: Store;
  readonly #parts: PairParts;
  readonly #onLost: ((trouble: Trouble) => void)[] = [];
  #loading: AbortController | undefined;

  constructor(store: Store, parts: PairParts) {
    this.#store = store;
    this.#parts = parts;
  }

  async check(): Promise<void> {
    this.#store.update({ phase: { kind: "checking" } });
    const support = await this.#parts.checkSupport();
    this.#store.update({ support, phase: { kind: support.kind === "ready" ? "idle" : "unsupported" } });
    const bytes = ROLES.reduce((sum, role) => sum + bytesOfChoice(this.#store.state.choices[role]), 0);
    this.#store.update({ room: await this.#parts.shortOfRoom(bytes) });
  }

  async load(): Promise<void> {
    if (this.#loading) return;
    this.#store.state.pair?.dispose();
    const loading = new AbortController();
    this.#loading = loading;
    let last: PairProgress | undefined;
    let opened = false;
    this.#store.update({ phase: { kind: "loading", progress: undefined }, pair: undefined });
    try {
      const pair = await this.#parts.openPair({
        choices: this.#store.state.choices,
        signal: loading.signal,
        onProgress: (progress) => {
          // The last of it may come after the pair itself; and of weights that are brought back after a lost device the
          // engine tells as well, which the answers say.
          if (loading.signal.aborted || opened) return;
          last = progress;
          this.#store.update({ phase: { kind: "loading", progress } });
        },
      });
      opened = true;
      pair.failed.then((error) => {
        if (pair === this.#store.state.pair) this.lose(error);
      });
      this.#store.update({ phase: { kind: "ready" }, pair, adapter: pair.engine.adapter, models: pair.info });
      keepModels();
      await this.account();
    } catch (error) {
      if (loading.signal.aborted) this.#store.update({ phase: { kind: "idle", ...(last && { stoppedAt: last }) } });
      else this.#store.update({ phase: { kind: "failed", trouble: troubleOf(error) } });
    } finally {
      this.#loading = undefined;
    }
  }

  /** Another model for one side. What is loaded stays until the pair is loaded anew. */
  choose(role: Role, choice: Choice): void {
    const choices = { ...this.#store.state.choices, [role]: choice };
    this.#store.update({ choices });
    replaceAddress((address) => writeChoices(address, choices));
  }

  /** Takes the models that an address names, after the user travelled; loaded ones stay, and the address says so. */
  followAddress(address: URL): void {
    const { phase, choices } = this.#store.state;
    const named = choicesOf(address, choices);
    const busy = phase.kind === "ready" || phase.kind === "loading" || phase.kind === "lost";
    if (busy) replaceAddress((here) => writeChoices(here, choices));
    else this.#store.update({ choices: named });
  }

  /** Gives the models back. */
  unload(): void {
    this.#loading?.abort();
    const { pair } = this.#store.state;
    this.#store.update({ phase: { kind: "idle" }, pair: undefined, models: undefined, gpuBytes: 0 });
    pair?.dispose();
  }

  stopLoading(): void {
    this.#loading?.abort();
  }

  /** The pair answers no more: its worker broke down, or the device is gone. */
  lose(error: unknown): void {
    const { pair } = this.#store.state;
    if (!pair) return;
    const trouble = troubleOf(error);
    this.#store.update({ phase: { kind: "lost", trouble }, pair: undefined, gpuBytes: 0 });
    pair.dispose();
    for (const hear of this.#onLost) hear(trouble);
  }

  onLost(listener: (trouble: Trouble) => void): void {
    this.#onLost.push(listener);
  }

  /** Asks how much is on the GPU now. */
  async account(): Promise<void> {
    const { pair } = this.#store.state;
    const gpuBytes = await pair?.engine.gpuBytes().catch(() => undefined);
    if (gpuBytes !== undefined && pair === this.#store.state.pair) this.#store.update({ gpuBytes });
  }
}
