import { type BenchReport, type BenchRow, nameOf, type RejectedRow, type SkippedRow } from "@alambic/bench";
import { css, html, nothing } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import "../parts/method-note.js";
import { shared } from "../parts/styles.js";
import { formatDate, formatDuration, formatFigures, formatInteger, formatPercent, formatRate } from "../text/format.js";
import { reasonIn } from "./reasons.js";

/** The adapter and what it can do, every row, and what is missing from them. */
export class BenchResults extends Localized {
  static override properties = { report: { attribute: false } };
  declare report: BenchReport;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }

      :host > * {
        min-width: 0;
      }

      .software {
        width: fit-content;
        padding: 0.2rem 0.7rem;
        border-radius: 0.5rem;
        background: var(--warn-wash);
        color: var(--warn);
      }

      .scroll {
        overflow-x: auto;
      }

      table {
        border-collapse: collapse;
        font-variant-numeric: tabular-nums;
      }

      caption {
        text-align: start;
        color: var(--soft-ink);
      }

      th,
      td {
        padding: 0.3rem 0.9rem 0.3rem 0;
        border-bottom: 1px solid var(--line);
        text-align: end;
        white-space: nowrap;
      }

      th {
        font-weight: 600;
      }

      th:first-child,
      td:nth-child(2),
      th:nth-child(2) {
        text-align: start;
      }

      ul {
        padding-inline-start: 1.2rem;
        overflow-wrap: anywhere;
      }
    `,
  ];

  override render() {
    const { adapter, roofline, runtime, date, rows } = this.report;
    return html`
      <p>${t("bench:adapter", { name: adapter.name, runtime, date: formatDate(date) })}</p>
      ${adapter.kind === "software" ? html`<p class="software">${t("bench:software")}</p>` : nothing}
      <p>
        ${t("bench:roofline", {
          read: formatFigures(roofline.readGBs),
          gflops: formatFigures(roofline.gflops),
          dispatch: formatFigures(roofline.dispatchMicroseconds),
        })}
        <method-note question=${t("bench:rooflineQuestion")}>${t("bench:rooflineAnswer")}</method-note>
      </p>
      ${rows.length > 0 ? this.#table(rows) : nothing}
      ${this.#notes()}
    `;
  }

  #table(rows: readonly BenchRow[]) {
    const columns = ["model", "test", "rate", "share", "dispatches", "bytes", "cpu"] as const;
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("bench:table.caption")}>
      <table>
        <caption>${t("bench:table.caption")}</caption>
        <thead>
          <tr>${columns.map((name) => html`<th scope="col">${t(`bench:table.${name}`)}</th>`)}</tr>
        </thead>
        <tbody>
          ${rows.map(
            (row) => html`<tr>
              <th scope="row">${row.model}</th>
              <td>${nameOf(row)}</td>
              <td>${formatRate(row.tokensPerSecond.mean)} ± ${formatRate(row.tokensPerSecond.deviation)}</td>
              <td>${t(row.shareOf === "read" ? "bench:table.reads" : "bench:table.fma", { percent: formatPercent(row.share) })}</td>
              <td>${formatFigures(row.dispatches)}</td>
              <td>${formatFigures(row.bytes / 1e6)}</td>
              <td>${formatInteger(row.cpuMicroseconds)}</td>
            </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
  }

  #notes() {
    const { quality, rejected, skipped, loads = [] } = this.report;
    const notes = [
      ...quality.map(({ model, bitsPerByte, klToTeacher, teacher = "" }) => {
        const bits = formatFigures(bitsPerByte);
        if (klToTeacher === undefined) return t("bench:quality", { model, bits });
        return t("bench:kl", { model, bits, kl: formatFigures(klToTeacher), teacher });
      }),
      ...rejected.map(rejectedNote),
      ...skipped.map(skippedNote),
      ...loads.flatMap(({ model, dropped }) => dropped.map((each) => t("bench:dropped", { model, ...each }))),
    ];
    return notes.length > 0 ? html`<ul>${notes.map((note) => html`<li>${note}</li>`)}</ul>` : nothing;
  }
}
customElements.define("bench-results", BenchResults);

function rejectedNote({ model, test, reason }: RejectedRow) {
  return t("bench:rejected", { model, test: testIn(test), reason: reasonIn(reason) });
}

function skippedNote({ model, test, reason, estimateSeconds }: SkippedRow) {
  const estimate = formatDuration(1000 * estimateSeconds);
  return t("bench:skipped", { model, test: testIn(test), reason: reasonIn(reason), estimate });
}

/** Tests are named alike in every language, but for those that stand for several. */
function testIn(test: string): string {
  return test === "all" || test === "quality" ? t(`bench:test.${test}`) : test;
}
