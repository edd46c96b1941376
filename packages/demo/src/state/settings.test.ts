import { expect, test } from "vitest";
import { changed, DEFAULT_SETTINGS, parted, settingsOf, writeSettings } from "./settings.js";

const at = (address: string) => new URL(address, "http://localhost/");

function addressOf(settings: typeof DEFAULT_SETTINGS, before = ""): string {
  const address = at(before);
  writeSettings(settings, address);
  return address.search + address.hash;
}

test("the same for both, one key each", () => {
  const settings = settingsOf(at("?temperature=0.7&top-k=40&seed=7&length=64#system=Be%20brief."));
  expect(settings.apart).toBe(false);
  expect(settings.student).toEqual(settings.teacher);
  expect(settings.teacher).toEqual({
    ...DEFAULT_SETTINGS.teacher,
    ...{ temperature: 0.7, topK: 40, seed: 7, maxTokens: 64, system: "Be brief." },
  });
  expect(addressOf(settings)).toBe("?temperature=0.7&top-k=40&seed=7&length=64#system=Be%20brief.");
});

test("parted, each has its own, and the student's keys count only then", () => {
  expect(settingsOf(at("?student-temperature=1"))).toEqual(DEFAULT_SETTINGS);
  const apart = changed(parted(changed(DEFAULT_SETTINGS, "teacher", { temperature: 0.5 }), true), "student", {
    minP: 0.1,
  });
  expect([apart.teacher.minP, apart.student.minP, apart.student.temperature]).toEqual([0, 0.1, 0.5]);
  const address = addressOf(apart);
  expect(address).toBe("?settings=apart&temperature=0.5&student-temperature=0.5&student-min-p=0.1");
  expect(settingsOf(at(address))).toEqual(apart);
  expect(addressOf(parted(apart, false), address)).toBe("?temperature=0.5");
});

test("a change of either is one of both while they are the same", () => {
  const { teacher, student } = changed(DEFAULT_SETTINGS, "student", { topP: 0.9 });
  expect([teacher.topP, student.topP]).toEqual([0.9, 0.9]);
});
