/** @throws {RangeError} naming the variants there are. */
export function variantNamed<T>(variants: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(variants, name) ? variants[name] : undefined;
  if (found === undefined)
    throw new RangeError(`There is no variant ${name}; there are ${Object.keys(variants).join(", ")}.`);
  return found;
}
