import type { Reason } from "@alambic/bench";
import { adviceFor } from "../gate/advice.js";
import { t } from "../i18n/index.js";
import { formatBytes, formatInteger } from "../text/format.js";

/** Why a row is missing, in the page's language; what an engine or a device said stays in its own words. */
export function reasonIn(reason: Reason): string {
  switch (reason.code) {
    case "stopped":
    case "budget":
      return t(`bench:reason.${reason.code}`);
    case "memory":
      return t("bench:reason.memory", { needs: formatBytes(reason.needs), most: formatBytes(reason.most) });
    case "context":
      return t("bench:reason.context", { needs: formatInteger(reason.needs), most: formatInteger(reason.most) });
    case "reference":
      return t("bench:reason.reference", { expected: reason.expected.join(" "), found: reason.found.join(" ") || "–" });
    case "runs": {
      const { run, place, expected = "–", found = "–" } = reason;
      return t("bench:reason.runs", { run, place, expected, found });
    }
    case "cached":
    case "count":
      return t(`bench:reason.${reason.code}`, { expected: reason.expected, found: reason.found });
    case "error": {
      // Its own words are English ones: what it is about comes first, in the reader's language.
      const { message, kind } = reason;
      return t(`bench:error.${adviceFor(kind)}`, { message });
    }
  }
}
