import type { Reason } from "@alambic/bench";
import i18next from "i18next";
import { beforeAll, expect, test } from "vitest";
import { reasonIn } from "./reasons.js";
import { fr } from "./texts.fr.js";

beforeAll(() => i18next.init({ lng: "fr", resources: { fr: { bench: fr } }, interpolation: { escapeValue: false } }));

const cases: readonly { reason: Reason; text: string }[] = [
  { reason: { code: "stopped" }, text: "arrêté avant" },
  { reason: { code: "budget" }, text: "le temps n’y suffit pas" },
  { reason: { code: "memory", needs: 3e9, most: 1e9 }, text: "ses poids demandent 3 Go, et il y a 1 Go pour eux" },
  { reason: { code: "context", needs: 514, most: 256 }, text: "il tient 514 tokens à la fois" },
  { reason: { code: "reference", expected: [1, 2], found: [] }, text: "tokens – au lieu de 1 2" },
  {
    reason: { code: "runs", run: 2, place: 3, expected: 9, found: 8 },
    text: "le passage 2 a écrit un autre token (8 au lieu de 9)",
  },
  { reason: { code: "cached", expected: 0, found: 7 }, text: "7 tokens de la question étaient déjà connus" },
  { reason: { code: "count", expected: 5, found: 4 }, text: "4 tokens sont venus, au lieu de 5" },
  {
    reason: { code: "error", kind: "out-of-memory", message: "No room." },
    text: "le GPU n’a pas assez de mémoire (en anglais\u00a0: No room.)",
  },
  { reason: { code: "error", message: "Odd." }, text: "le moteur dit, en anglais\u00a0: Odd." },
];
test.each(cases)("a reason of code $reason.code in French", ({ reason, text }) => {
  expect(
    reasonIn(reason)
      .replaceAll("\u202f", " ")
      .replace(/(\d)\u00a0/g, "$1 "),
  ).toContain(text);
});
