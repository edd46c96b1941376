import { type BenchReport, toCsv, toJson, toMarkdown, toPost } from "@alambic/bench";
import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { svgOf } from "./bench-plot.js";

const FORMATS = [
  { format: "JSON", end: "json", type: "application/json", write: toJson },
  { format: "CSV", end: "csv", type: "text/csv", write: toCsv },
  { format: "SVG", end: "svg", type: "image/svg+xml", write: (report: BenchReport) => svgOf([report]) },
  { format: "Markdown", end: "md", type: "text/markdown", write: toMarkdown },
] as const;

/** Saves results as files, and copies them as a post that can be put anywhere and read back from there. */
export class BenchExport extends Localized {
  static override properties = { report: { attribute: false }, copied: { state: true } };
  declare report: BenchReport;
  declare copied: "copied" | "manual" | undefined;

  static override styles = [
    shared,
    css`
      section {
        display: grid;
        gap: 0.75rem;
      }

      h2 {
        font-size: 1.25rem;
      }

      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem;
      }

      textarea {
        width: 100%;
        min-height: 8rem;
        padding: 0.5rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        background: var(--paper);
        font: 0.8rem/1.4 ui-monospace, monospace;
      }
    `,
  ];

  override render() {
    return html`<section>
      <h2>${t("bench:export.heading")}</h2>
      <div class="buttons">
        ${FORMATS.map(
          (each) =>
            html`<button type="button" @click=${() => this.#save(each)}>${t("bench:export.save", { format: each.format })}</button>`,
        )}
        <button type="button" @click=${this.#copy}>${t("bench:export.copy")}</button>
      </div>
      <p role="status">${this.copied ? t(`bench:export.${this.copied}`) : nothing}</p>
      ${
        this.copied === "manual"
          ? html`<label>${t("bench:export.post")} <textarea readonly .value=${toPost(this.report)}></textarea></label>`
          : nothing
      }
    </section>`;
  }

  #save({ end, type, write }: (typeof FORMATS)[number]): void {
    const address = URL.createObjectURL(new Blob([write(this.report)], { type }));
    const link = Object.assign(document.createElement("a"), { href: address, download: `alambic-bench.${end}` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000); // Safari reads it later
  }

  async #copy(): Promise<void> {
    this.copied = await navigator.clipboard.writeText(toPost(this.report)).then(
      () => "copied" as const,
      () => "manual" as const,
    );
  }
}
customElements.define("bench-export", BenchExport);
