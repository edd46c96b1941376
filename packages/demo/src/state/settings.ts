import { type PerRole, perRole, type Role } from "../engine/roles.js";
import {
  choiceParam,
  keysOf,
  numberParam,
  type Params,
  readParams,
  textParam,
  wholeParam,
  writeParams,
} from "../frame/params.js";

/** How a model chooses its tokens. */
export interface Settings {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  /** `undefined` draws one for each answer. */
  readonly seed: number | undefined;
  readonly maxTokens: number;
  /** Empty leaves the chat template's own. */
  readonly system: string;
}

/** The settings of both models: the same, unless the user parted them. */
export type PairSettings = PerRole<Settings> & { readonly apart: boolean };

/** Top-p starts above 0: no token at all would reach 0. */
export const SETTING_RANGES = {
  temperature: [0, 2],
  topP: [0.05, 1],
  minP: [0, 1],
  topK: [0, 1000],
  seed: [0, 2 ** 32 - 1],
  maxTokens: [1, 4096],
} as const satisfies Partial<Record<keyof Settings, readonly [number, number]>>;

/** Characters of a system prompt that fit a link. */
const LONGEST_SYSTEM = 4000;

function paramsOf(before: string): Params<Settings> {
  const { temperature, topK, topP, minP, seed, maxTokens } = SETTING_RANGES;
  return {
    temperature: numberParam(`${before}temperature`, 0, temperature),
    topK: wholeParam(`${before}top-k`, 0, topK),
    topP: numberParam(`${before}top-p`, 1, topP),
    minP: numberParam(`${before}min-p`, 0, minP),
    seed: wholeParam<undefined>(`${before}seed`, undefined, seed),
    maxTokens: wholeParam(`${before}length`, 256, maxTokens),
    system: textParam(`${before}system`, "", LONGEST_SYSTEM),
  };
}

/** The first model's keys stand for both where the settings are the same. */
const PARAMS: PerRole<Params<Settings>> = { teacher: paramsOf(""), student: paramsOf("student-") };
const APART = { settings: choiceParam("settings", "same", ["same", "apart"]) } satisfies Params<object>;

export const SETTINGS_KEYS: readonly string[] = [PARAMS.teacher, PARAMS.student, APART].flatMap((params) =>
  keysOf<object>(params),
);

export const DEFAULT_SETTINGS: PairSettings = settingsOf(new URL("http://localhost"));

/** What an address says of the settings; the default where it says nothing, or nothing that makes sense. */
export function settingsOf(address: URL): PairSettings {
  const apart = readParams(APART, address).settings === "apart";
  return { apart, ...perRole((role) => readParams(PARAMS[apart ? role : "teacher"], address)) };
}

export function writeSettings({ apart, teacher, student }: PairSettings, address: URL): void {
  writeParams(APART, { settings: apart ? "apart" : "same" }, address);
  writeParams(PARAMS.teacher, teacher, address);
  // Of settings that are the same, the student's own keys say nothing.
  writeParams(PARAMS.student, apart ? student : DEFAULT_SETTINGS.student, address);
}

/** One model's settings changed, or both models' while they are the same. */
export function changed(settings: PairSettings, role: Role, change: Partial<Settings>): PairSettings {
  const next = { ...settings[role], ...change };
  return settings.apart ? { ...settings, [role]: next } : { apart: false, teacher: next, student: next };
}

/** Parted, both begin as they were; together again, both are as the teacher's. */
export function parted({ teacher, student }: PairSettings, apart: boolean): PairSettings {
  return { apart, teacher, student: apart ? student : teacher };
}
