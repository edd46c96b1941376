import type { CacheEntry, CacheUsage } from "@alambic/engine";
import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { type Trouble, troubleOf } from "../state/store.js";
import { formatBytes } from "../text/format.js";

/** What is kept of models on this device, each with a button that removes it. */
export class KeptModels extends Localized {
  static override properties = { entries: { state: true }, usage: { state: true }, trouble: { state: true } };
  declare entries: readonly CacheEntry[] | undefined;
  declare usage: CacheUsage | undefined;
  declare trouble: Trouble | undefined;

  static override styles = [
    shared,
    css`
      ul {
        display: grid;
        gap: 0.3rem;
        margin: 0.5rem 0;
        padding: 0;
        list-style: none;
      }

      li {
        display: flex;
        flex-wrap: wrap;
        gap: 0.3rem 1rem;
        align-items: center;
        overflow-wrap: anywhere;
      }

      button {
        min-height: 2rem;
        padding: 0.1rem 0.7rem;
        font-size: 0.9rem;
      }

      h2 {
        font-size: 1rem;
      }

      .note {
        color: var(--soft-ink);
        font-size: 0.9rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.#read();
  }

  override render() {
    const { entries, usage, trouble } = this;
    if (trouble) return html`<p class="note" lang="en">${trouble.message}</p>`;
    if (!entries) return nothing;
    return html`<h2>${t("models:kept.heading")}</h2>
      ${entries.length === 0 ? html`<p class="note">${t("models:kept.none")}</p>` : html`<ul>${entries.map((entry) => this.#entry(entry))}</ul>`}
      ${usage && entries.length > 0 ? html`<p class="note figure">${usageText(usage)}</p>` : nothing}`;
  }

  #entry(entry: CacheEntry) {
    return html`<li>
      <span>${entry.name}</span>
      <span class="note figure">${t(`models:kept.${entry.kind}`)}, ${formatBytes(entry.bytes)}</span>
      <button type="button" aria-label=${t("models:kept.removeLabel", { name: entry.name })} @click=${() => this.#remove(entry)}>${t("models:kept.remove")}</button>
    </li>`;
  }

  async #remove(entry: CacheEntry): Promise<void> {
    await this.#withCache(async (cache) => {
      await cache.remove(entry);
    });
    await this.#read();
  }

  async #read(): Promise<void> {
    await this.#withCache(async (cache) => {
      [this.entries, this.usage] = await Promise.all([cache.list(), cache.usage()]);
    });
  }

  async #withCache(use: (cache: import("@alambic/engine").ModelCache) => Promise<void>): Promise<void> {
    try {
      const { modelCache } = await import("./cache.js");
      await use(modelCache());
    } catch (error) {
      this.trouble = troubleOf(error);
    }
  }
}
customElements.define("kept-models", KeptModels);

function usageText({ bytes, free }: CacheUsage): string {
  return free === undefined
    ? t("models:kept.usage", { bytes: formatBytes(bytes) })
    : t("models:kept.free", { bytes: formatBytes(bytes), free: formatBytes(free) });
}
