import { type BenchReport, parseReport, ReportError } from "@alambic/bench";
import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { formatDate } from "../text/format.js";

/** Takes other people's results. Sends `overlay` with all that are in the plot now. */
export class BenchOverlay extends Localized {
  static override properties = { reports: { attribute: false }, said: { state: true } };
  declare reports: readonly BenchReport[];
  declare said: { readonly text: string; readonly wrong: boolean } | undefined;

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

      section > * {
        max-width: 46rem;
      }

      textarea {
        display: block;
        width: 100%;
        min-height: 6rem;
        padding: 0.5rem;
        border: 1px solid var(--control);
        border-radius: 0.5rem;
        background: var(--paper);
        font: 0.8rem/1.4 ui-monospace, monospace;
      }

      .buttons {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem 1.25rem;
        align-items: center;
      }

      input[type="file"] {
        max-width: 100%;
      }

      li {
        padding-block: 0.2rem;
      }

      li button {
        min-height: 2rem;
        margin-inline-start: 0.6rem;
      }

      .wrong {
        color: var(--warn);
      }
    `,
  ];

  override render() {
    return html`<section>
      <h2>${t("bench:overlay.heading")}</h2>
      <p>${t("bench:overlay.lead")}</p>
      <label>${t("bench:overlay.field")} <textarea spellcheck="false"></textarea></label>
      <div class="buttons">
        <button type="button" @click=${this.#paste}>${t("bench:overlay.add")}</button>
        <label>${t("bench:overlay.files")}
          <input type="file" multiple accept=".json,.md,.txt,application/json" @change=${this.#choose} /></label>
      </div>
      <p role="status" class=${this.said?.wrong ? "wrong" : ""}>${this.said?.text ?? nothing}</p>
      ${
        this.reports.length > 0
          ? html`<h3>${t("bench:overlay.list")}</h3>
            <ul>${this.reports.map((report) => this.#entry(report))}</ul>`
          : nothing
      }
    </section>`;
  }

  #entry(report: BenchReport) {
    const name = `${report.adapter.name}, ${formatDate(report.date)}`;
    return html`<li>
      ${name}
      <button type="button" aria-label=${t("bench:overlay.remove", { name })} @click=${() => this.#give(this.reports.filter((each) => each !== report))}>×</button>
    </li>`;
  }

  #paste(): void {
    const field = this.renderRoot.querySelector("textarea")!;
    if (field.value.trim() === "") this.said = { text: t("bench:overlay.empty"), wrong: true };
    else if (this.#add(field.value, t("bench:overlay.pasted"))) field.value = "";
  }

  async #choose({ target }: Event): Promise<void> {
    const input = target as HTMLInputElement;
    for (const file of input.files ?? []) if (!this.#add(await file.text(), file.name)) break;
    input.value = "";
  }

  #add(text: string, name: string): boolean {
    try {
      const report = parseReport(text, name);
      if (report.rows.length === 0) return this.#refuse("no-rows", name);
      this.said = { text: t("bench:overlay.added", { name: report.adapter.name }), wrong: false };
      this.#give([...this.reports, report]);
      return true;
    } catch (error) {
      if (!(error instanceof ReportError)) throw error;
      return this.#refuse(error.problem, name);
    }
  }

  #refuse(problem: ReportError["problem"] | "no-rows", name: string): false {
    this.said = { text: t("bench:overlay.wrong", { message: t(`bench:problem.${problem}`, { name }) }), wrong: true };
    return false;
  }

  #give(reports: readonly BenchReport[]): void {
    this.dispatchEvent(new CustomEvent("overlay", { detail: reports }));
  }
}
customElements.define("bench-overlay", BenchOverlay);
