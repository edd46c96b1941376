/**
 * The bytes that a `Range` header asks for, both ends included: `bytes=0-99`, `bytes=100-` or `bytes=-8`.
 *
 * @returns `undefined` without a header or with one of several ranges (the whole file is then a valid answer), and
 * `"unsatisfiable"` where the file has no such bytes (status 416).
 */
export function byteRange(
  header: string | undefined,
  size: number,
): { readonly start: number; readonly end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? "");
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  const suffix = match[1] === "";
  const start = suffix ? Math.max(0, size - Number(match[2])) : Number(match[1]);
  const end = suffix || match[2] === "" ? size - 1 : Math.min(size - 1, Number(match[2]));
  return start > end || start >= size ? "unsatisfiable" : { start, end };
}
