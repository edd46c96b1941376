import { type BenchProgress, type BenchReport, workloads } from "@alambic/bench";
import { css, html, nothing } from "lit";
import "../gate/missing-webgpu.js";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared, viewPage } from "../parts/styles.js";
import type { State } from "../state/store.js";
import { formatPercent } from "../text/format.js";
import "./bench-export.js";
import "./bench-form.js";
import type { Wanted } from "./bench-form.js";
import "./bench-overlay.js";
import "./bench-plot.js";
import "./bench-results.js";
import { addressOf } from "./ladder.js";
import { type BenchRun, startBench } from "./run.js";

type Status =
  | { readonly kind: "idle" }
  | { readonly kind: "running" | "stopping"; readonly progress: BenchProgress | undefined }
  | { readonly kind: "done" | "stopped" }
  | { readonly kind: "failed"; readonly message: string };

/** The bench of the command line in this tab: a ladder of models, measured in a worker, drawn as the points come. */
export class AlambicBench extends Localized {
  static override properties = {
    state: { attribute: false },
    status: { state: true },
    report: { state: true },
    others: { state: true },
  };
  declare state: State;
  declare status: Status;
  /** What was measured here last. */
  declare report: BenchReport | undefined;
  /** What others measured elsewhere. */
  declare others: readonly BenchReport[];
  #run: BenchRun | undefined;

  static override styles = [
    shared,
    viewPage,
    css`
      h2 {
        margin-bottom: 0.5rem;
        font-size: 1.25rem;
      }

      .running {
        display: flex;
        flex-wrap: wrap;
        gap: 0.6rem 1.25rem;
        align-items: center;
      }

      progress {
        flex: 1 1 14rem;
        height: 0.8rem;
        accent-color: var(--ink);
      }

      .results {
        display: grid;
        gap: 1rem;
      }

      .results > * {
        min-width: 0;
      }

      .wrong {
        color: var(--warn);
      }
    `,
  ];

  constructor() {
    super();
    this.status = { kind: "idle" };
    this.others = [];
  }

  override render() {
    const { support } = this.state;
    const running = this.status.kind === "running" || this.status.kind === "stopping";
    const shown = this.report ? [this.report, ...this.others] : this.others;
    return html`<div class="page">
      <h1>${t("bench:heading")}</h1>
      <p class="lead">${t("bench:lead")}</p>
      ${support && support.kind !== "ready" ? html`<missing-webgpu .support=${support}></missing-webgpu>` : nothing}
      ${
        support?.kind === "ready"
          ? html`<bench-form .software=${support.software} .disabled=${running} @measure=${this.#measure}></bench-form>`
          : nothing
      }
      <div>
        ${running ? this.#progress() : nothing}
        <p role="status" class=${this.status.kind === "failed" ? "wrong" : ""}>${this.#status()}</p>
      </div>
      ${
        shown.length > 0
          ? html`<section class="results" aria-labelledby="results">
              <h2 id="results">${t("bench:results")}</h2>
              <bench-plot .reports=${shown}></bench-plot>
              ${this.report ? html`<bench-results .report=${this.report}></bench-results>` : nothing}
            </section>`
          : nothing
      }
      ${this.report && !running && this.report.rows.length > 0 ? html`<bench-export .report=${this.report}></bench-export>` : nothing}
      <bench-overlay .reports=${this.others} @overlay=${this.#overlay}></bench-overlay>
    </div>`;
  }

  /** What changes with every run is seen and not announced. */
  #progress() {
    const { kind, progress } = this.status as Status & { kind: "running" | "stopping" };
    const spent = progress?.spent ?? 0;
    const run = progress?.run !== undefined ? t("bench:runOf", { run: progress.run, of: progress.of }) : "";
    return html`<div class="running">
      <progress max="1" .value=${spent} aria-label=${t("bench:spent", { percent: formatPercent(spent) })}></progress>
      <span class="figure">${run}</span>
      <button type="button" ?disabled=${kind === "stopping"} @click=${this.#stop}>
        ${t(kind === "stopping" ? "bench:stopping" : "bench:stop")}
      </button>
    </div>`;
  }

  #status() {
    switch (this.status.kind) {
      case "idle":
        return nothing;
      case "running":
      case "stopping": {
        const { phase, model = "", test = "" } = this.status.progress ?? { phase: "roofline" as const };
        return t(`bench:phase.${phase}`, { model, test });
      }
      case "done":
        return t("bench:done", { rows: this.report?.rows.length ?? 0 });
      case "stopped":
        return t("bench:stopped");
      case "failed":
        return t("bench:failed", { message: this.status.message });
    }
  }

  async #measure({ detail }: CustomEvent<Wanted>): Promise<void> {
    if (this.#run) return;
    const software = this.state.support?.kind === "ready" && this.state.support.software;
    const settings = {
      repetitions: detail.repetitions,
      budgetSeconds: 60 * detail.minutes,
      workloads: workloads([detail.prompt], [detail.generate], [detail.depth]),
      quality: detail.quality,
      ...(software && { mostBytes: memoryForWeights() }),
    };
    const models = detail.models.map((name) => {
      const address = addressOf(name);
      return address === undefined ? { name } : { name, address };
    });
    this.report = undefined;
    this.status = { kind: "running", progress: undefined };
    this.#run = startBench(models, settings, {
      onProgress: (progress) => {
        const kind = this.status.kind === "stopping" ? "stopping" : "running";
        this.status = { kind, progress };
      },
      onReport: (report) => {
        this.report = report;
      },
    });
    try {
      await this.#run.ended;
      this.status = { kind: this.status.kind === "stopping" ? "stopped" : "done" };
    } catch (error) {
      this.status = { kind: "failed", message: (error as Error).message };
    } finally {
      this.#run = undefined;
    }
  }

  #stop(): void {
    if (this.status.kind === "running") this.status = { ...this.status, kind: "stopping" };
    this.#run?.stop();
  }

  #overlay({ detail }: CustomEvent<readonly BenchReport[]>): void {
    this.others = detail;
  }
}
customElements.define("alambic-bench", AlambicBench);

/** A software adapter's memory is this machine's, of which a page knows the half at best. */
function memoryForWeights(): number {
  const { deviceMemory = 4 } = navigator as { deviceMemory?: number };
  return (deviceMemory * 2 ** 30) / 4;
}
