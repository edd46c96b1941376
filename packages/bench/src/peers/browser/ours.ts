import { OURS } from "../../core/format/peers.js";
import { reasonText } from "../../core/format/reasons.js";
import type { BenchReport } from "../../core/report.js";
import type { OurRequest } from "../page/ours.js";
import type { Peer } from "../peer.js";
import { inPage, PAGE_SCRIPTS } from "./in-page.js";
import { SCRIPTS } from "./run-in-page.js";

/** Ours once more, in the browser: what engines that run there are compared with. */
export const oursInBrowser: Peer = {
  name: OURS,
  async measure(task) {
    const { model, parameters, reference, workloads, repetitions, budgetSeconds } = task;
    task.onProgress("measuring ours in a browser");
    const mounts = { "/model/": task.folder, [PAGE_SCRIPTS]: SCRIPTS };
    return inPage(task, { mounts }, async ({ page, runtime, adapter }) => {
      const settings = { repetitions, budgetSeconds, workloads, quality: false };
      const request: OurRequest = { model, reference, settings, runtime };
      const report: BenchReport = await page.evaluate(
        async ([address, asked]) => (await import(address)).default(asked),
        [`${PAGE_SCRIPTS}ours.js`, request] as const,
      );
      const [failed] = report.rejected;
      if (failed) throw new Error(`${failed.test}: ${reasonText(failed.reason)}`);
      return report.rows.map(({ kind, tokens, depth, tokensPerSecond }) => ({
        kind,
        tokens,
        depth,
        tokensPerSecond,
        model,
        parameters,
        peer: this.name,
        version: "this one",
        runtime,
        runsOn: `WebGPU, ${adapter}`,
        settings: "the checkpoint itself, on the page",
        agreement: { same: reference.ids.length, of: reference.ids.length },
      }));
    });
  },
};
