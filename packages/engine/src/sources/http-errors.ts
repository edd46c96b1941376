import { SourceError } from "../errors.js";
import type { ContentRange } from "./http-headers.js";

interface Named {
  readonly name: string;
}

const CHECK_CONNECTION =
  "Check the address and the connection; in a browser, another site must also allow it (Access-Control-Allow-Origin).";

/** Why Node found no way to a server; a browser does not tell. */
function codeOf(failure: unknown): string | undefined {
  const { code } = ((failure as Error).cause ?? {}) as { code?: unknown };
  return typeof code === "string" ? code : undefined;
}

/** Whether there was no connection at all: no such host, nobody listening, or no network. */
export function isUnreachable(failure: unknown): boolean {
  return ["ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ENETUNREACH", "EHOSTUNREACH"].includes(codeOf(failure) ?? "");
}

export function noAnswer({ name }: Named, path: string, host: string, attempts: number, cause: unknown): SourceError {
  const reason = isUnreachable(cause) ? ` (${codeOf(cause)} at ${host})` : "";
  return new SourceError(
    "source-unavailable",
    `${path} could not be fetched: ${name} gave no answer to ${attempts} tries${reason}. ${CHECK_CONNECTION}`,
    { cause },
  );
}

export function brokeOff({ name }: Named, path: string, at: number, attempts: number, cause?: unknown): SourceError {
  return new SourceError(
    "source-unavailable",
    `${path} from ${name} broke off at byte ${at}, ${attempts} times in a row. ${CHECK_CONNECTION}`,
    { cause },
  );
}

export function wrongRange(
  { name }: Named,
  path: string,
  start: number,
  end: number,
  found: ContentRange,
): SourceError {
  return new SourceError(
    "source-wrong-bytes",
    `${name} sent bytes ${found.start} to ${found.end} of ${path}; ${start} to ${end} were asked for. Its support for ranges is broken; use another server.`,
  );
}

export function tooMuch({ name }: Named, path: string, start: number, end: number): SourceError {
  return new SourceError(
    "source-wrong-bytes",
    `${name} sent more of ${path} than the bytes ${start} to ${end} that were asked for. Its support for ranges is broken; use another server.`,
  );
}

export function statusError({ name }: Named, path: string, status: number, attempts: number): SourceError {
  const found = `${name} answered ${status} for ${path}`;
  if (status === 401 || status === 403) {
    return new SourceError(
      "source-forbidden",
      `${found}: it may not be read without permission. Pass the headers or the token that the server asks for.`,
    );
  }
  if (status === 429) {
    return new SourceError(
      "source-rate-limited",
      `${found}, ${attempts} times in a row: too many requests. Try again in a few minutes.`,
    );
  }
  if (status >= 500 || status === 408) {
    return new SourceError(
      "source-unavailable",
      `${found}, ${attempts} times in a row: it has a fault. Try again later.`,
    );
  }
  return new SourceError("source-unavailable", `${found}; a file was expected. Check the address.`);
}
