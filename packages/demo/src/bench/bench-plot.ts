import { type BenchReport, toSvg } from "@alambic/bench";
import { css, html, nothing } from "lit";
import { unsafeSVG } from "lit/directives/unsafe-svg.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";

/** The points of all reports on one plot. Nothing before the first row. */
export class BenchPlot extends Localized {
  static override properties = { reports: { attribute: false } };
  declare reports: readonly BenchReport[];
  readonly #theme = new MutationObserver(() => this.requestUpdate());

  static override styles = [
    shared,
    css`
      .scroll {
        overflow-x: auto;
        border: 1px solid var(--line);
        border-radius: 0.6rem;
      }

      svg {
        display: block;
        min-width: 44rem;
        width: 100%;
        height: auto;
        border-radius: 0.6rem;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    this.#theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#theme.disconnect();
  }

  override render() {
    if (!this.reports.some(({ rows }) => rows.length > 0)) return nothing;
    const theme = document.documentElement.dataset.theme === "dark" ? "dark" : "light";
    // toSvg escapes every text it is given, those of pasted files among them.
    return html`<div class="scroll" tabindex="0" role="region" aria-label=${t("bench:plot.scroll")}>
      ${unsafeSVG(svgOf(this.reports, theme))}
    </div>`;
  }
}
customElements.define("bench-plot", BenchPlot);

/** The plot in the page's language. */
export function svgOf(reports: readonly BenchReport[], theme: "light" | "dark" = "light"): string {
  const texts = {
    title: t("bench:plot.title"),
    on: t("bench:plot.on"),
    parameters: t("bench:plot.parameters"),
    rate: t("bench:plot.rate"),
    bitsPerByte: t("bench:plot.bitsPerByte"),
    software: t("bench:plot.software"),
    legend: {
      tg: t("bench:plot.tg"),
      pp: t("bench:plot.pp"),
      random: t("bench:plot.random"),
      peers: t("bench:plot.peers"),
      reads: t("bench:plot.reads"),
      arithmetic: t("bench:plot.arithmetic"),
    },
  };
  return toSvg(
    reports.filter(({ rows }) => rows.length > 0),
    { theme, texts },
  );
}
