import type { Reason } from "../reason.js";

const MIB = 2 ** 20;

/** A reason in English. */
export function reasonText(reason: Reason): string {
  switch (reason.code) {
    case "stopped":
      return "stopped";
    case "budget":
      return "does not fit the budget";
    case "memory":
      return `its weights need ${mib(reason.needs)} of the ${mib(reason.most)} that there are for them`;
    case "context":
      return `holds ${reason.needs} tokens at once; the model's context is ${reason.most}`;
    case "reference":
      return `the reference answer begins with ${ids(reason.expected)}; here it was ${ids(reason.found)}`;
    case "runs": {
      const { test, run, place, expected, found } = reason;
      const where = test === undefined ? "" : `${test}: `;
      return `${where}run ${run} gave ${token(found)} where the first gave ${token(expected)}, at place ${place}`;
    }
    case "cached":
      return `${reason.found} tokens of the prompt were in the cache, where ${reason.expected} were expected`;
    case "count":
      return `${reason.found} tokens came, where ${reason.expected} were asked for`;
    case "error":
      return reason.message;
  }
}

function ids(list: readonly number[]): string {
  return list.length > 0 ? list.join(" ") : "nothing";
}

function token(id: number | undefined): string {
  return id === undefined ? "no token" : `token ${id}`;
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / MIB)} MiB`;
}
