import { fragmentOf, writeFragment } from "./fragment.js";

/**
 * How one setting is written in the address. An address is text that anyone may have written: `read` answers `undefined`
 * for all that `write` would not have written, and the setting is then what it is without.
 */
export interface Param<T> {
  readonly key: string;
  /** What the user wrote: it stands in the fragment, which no server gets to see. */
  readonly typed?: true;
  /** Not written: a link says only what differs. */
  readonly initial: T;
  read(text: string): T | undefined;
  write(value: T): string;
}

export type Params<T> = { readonly [Name in keyof T]: Param<T[Name]> };

export function numberParam(key: string, initial: number, [least, most]: readonly [number, number]): Param<number> {
  return {
    key,
    initial,
    read: (text) => within(/^\d{1,10}(\.\d{1,6})?$/, text, least, most),
    write: (value) => String(Number(value.toFixed(6))),
  };
}

export function wholeParam<T extends number | undefined>(
  key: string,
  initial: T,
  [least, most]: readonly [number, number],
): Param<number | T> {
  return { key, initial, read: (text) => within(/^\d{1,10}$/, text, least, most), write: String };
}

export function choiceParam<T extends string>(key: string, initial: T, choices: readonly T[]): Param<T> {
  return { key, initial, read: (text) => choices.find((known) => known === text), write: (value) => value };
}

export function flagParam(key: string, initial: boolean): Param<boolean> {
  return {
    key,
    initial,
    read: (text) => (text === "yes" ? true : text === "no" ? false : undefined),
    write: (value) => (value ? "yes" : "no"),
  };
}

/** What a user types. `longest`: characters. What is longer is not written either, so that no address gets too long for a server. */
export function textParam<T extends string | undefined>(key: string, initial: T, longest: number): Param<string | T> {
  return {
    key,
    typed: true,
    initial,
    read: (text) => (text.length <= longest ? text : undefined),
    write: (value) => (value && value.length <= longest ? value : ""),
  };
}

/** A name that others gave, such as a tensor's: whether there is such a thing is to be looked up. */
export function nameParam(key: string): Param<string | undefined> {
  return {
    key,
    initial: undefined,
    read: (text) => (/^[\w.-]{1,200}$/.test(text) ? text : undefined),
    write: (value) => value ?? "",
  };
}

/** Several of a known set, in its order: `a,b`. */
export function severalParam<T extends string>(
  key: string,
  initial: readonly T[],
  known: readonly T[],
): Param<readonly T[]> {
  return {
    key,
    initial,
    read: (text) => {
      const named = text.split(",").filter((name) => name !== "");
      return named.every((name) => known.some((each) => each === name))
        ? known.filter((each) => named.includes(each))
        : undefined;
    },
    write: (values) => values.join(","),
  };
}

/** The values that an address names, and the initial ones of all that it does not or that make no sense. */
export function readParams<T>(params: Params<T>, address: URL): T {
  const fragment = fragmentOf(address);
  const values = entries(params).map(([name, { key, typed, initial, read }]) => {
    const text = typed ? fragment.get(key) : address.searchParams.get(key);
    return [name, (text == null ? undefined : read(text)) ?? initial];
  });
  return Object.fromEntries(values) as T;
}

/** Writes into an address what `readParams` reads from it; all other keys stay. */
export function writeParams<T>(params: Params<T>, values: T, address: URL): void {
  const { searchParams } = address;
  const fragment = fragmentOf(address);
  for (const [name, { key, typed, initial, write }] of entries(params)) {
    const value = values[name];
    const place = typed ? fragment : searchParams;
    const usual = value === undefined || (initial !== undefined && write(value) === write(initial));
    if (usual) place.delete(key);
    else place.set(key, write(value));
  }
  writeFragment(address, fragment);
}

export function keysOf<T>(params: Params<T>): string[] {
  return entries(params).map(([, { key }]) => key);
}

function entries<T>(params: Params<T>): [keyof T, Param<T[keyof T]>][] {
  return Object.entries(params) as [keyof T, Param<T[keyof T]>][];
}

function within(form: RegExp, text: string, least: number, most: number): number | undefined {
  const value = form.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}
