/**
 * What follows the `#`, as keys and values. Browsers send it to no server: what a user typed is kept there.
 * A part that was cut within a character is left out.
 */
export function fragmentOf({ hash }: URL): Map<string, string> {
  const parts = hash.slice(1).split("&");
  return new Map(
    parts.flatMap((part) => {
      const equals = part.indexOf("=");
      const value = equals > 0 ? decoded(part.slice(equals + 1)) : undefined;
      return value === undefined ? [] : [[part.slice(0, equals), value] as const];
    }),
  );
}

export function writeFragment(address: URL, fragment: ReadonlyMap<string, string>): void {
  // Not URLSearchParams: its plus signs for spaces are not everyone's.
  address.hash = [...fragment].map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join("&");
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
