export interface ContentRange {
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
  readonly total: number | undefined;
}

/** `undefined` when there is none to see: another site must expose the header to a browser. */
export function contentRange({ headers }: Response): ContentRange | undefined {
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(headers.get("content-range") ?? "");
  if (!match) return undefined;
  const [, first = "0", last = "-1", total] = match;
  return { start: Number(first), end: Number(last) + 1, total: total === "*" ? undefined : Number(total) };
}

/** The file's length, unless the answer is a compressed copy. */
export function contentLength({ headers }: Response): number | undefined {
  const length = headers.get("content-length");
  const encoding = headers.get("content-encoding");
  return length === null || (encoding && encoding !== "identity") ? undefined : Number(length);
}

const LONGEST_PAUSE = 30_000;

/** What the server asks for in `Retry-After`, in milliseconds and never longer than half a minute; 0 when it says nothing. */
export function retryAfter({ headers }: Response): number {
  const value = headers.get("retry-after");
  if (!value) return 0;
  const milliseconds = /^\d+$/.test(value) ? 1000 * Number(value) : Date.parse(value) - Date.now();
  return Number.isNaN(milliseconds) ? 0 : Math.min(LONGEST_PAUSE, Math.max(0, milliseconds));
}

/** 404, or the page that single-page servers send in place of every file they do not have. */
export function isMissing({ status, headers }: Response, path: string): boolean {
  if (status === 404) return true;
  return status < 300 && !/\.html?$/.test(path) && /^text\/html\b/i.test(headers.get("content-type") ?? "");
}
