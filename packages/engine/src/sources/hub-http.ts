import { SourceError } from "../errors.js";
import { type HttpOptions, type HttpSource, http } from "./http.js";

export interface HubHttpOptions extends Pick<HttpOptions, "attempts" | "pause"> {
  /** Branch, tag or commit. */
  readonly revision: string;
  readonly token?: string | undefined;
  readonly endpoint: string;
}

/** The files of one revision, from the Hub's own addresses; nothing is kept. `at`: the commit that the revision stands for. */
export function hubFiles(repoId: string, options: HubHttpOptions, at = options.revision): HttpSource {
  return http(`${pageOf(repoId, options)}/resolve/${encodeURIComponent(at)}/`, {
    name: hubName(repoId, options.revision),
    ...shared(repoId, options),
  });
}

/** What the Hub says of a repository's revisions: the text of a path is that of `/api/models/<id>/revision/<path>`. */
export function hubApi(repoId: string, options: HubHttpOptions): HttpSource {
  return http(`${trimmed(options.endpoint)}/api/models/${repoId}/revision/?blobs=true`, {
    name: hubName(repoId, options.revision),
    escapePath: encodeURIComponent, // a branch may have slashes in its name
    ...shared(repoId, options),
  });
}

export function hubName(repoId: string, revision: string): string {
  return revision === "main" ? repoId : `${repoId}@${revision}`;
}

function shared(repoId: string, options: HubHttpOptions): HttpOptions {
  const { revision, token, attempts, pause } = options;
  const page = pageOf(repoId, options);
  return {
    ...(token && { headers: { Authorization: `Bearer ${token}` } }),
    ...(attempts !== undefined && { attempts }),
    ...(pause !== undefined && { pause }),
    explain: (response, path) => explain(response, path, { repoId, revision, page, token }),
  };
}

function pageOf(repoId: string, { endpoint }: HubHttpOptions): string {
  return `${trimmed(endpoint)}/${repoId}`;
}

function trimmed(endpoint: string): string {
  return endpoint.replace(/\/+$/, "");
}

interface Repository {
  readonly repoId: string;
  readonly revision: string;
  readonly page: string;
  readonly token: string | undefined;
}

/** The Hub says in a header what its status alone leaves open. */
function explain(
  response: Response,
  path: string,
  { repoId, revision, page, token }: Repository,
): SourceError | undefined {
  const reason = response.headers.get("x-error-code");
  if (reason === "GatedRepo") {
    return new SourceError(
      "source-forbidden",
      `${repoId} is gated: its authors want their terms accepted first. Accept them at ${page}, then pass { token } of that account (HF_TOKEN on the command line).`,
    );
  }
  if (reason === "RevisionNotFound") {
    return new SourceError(
      "source-not-found",
      `${repoId} has no revision ${revision}. Its branches and tags are at ${page}/tree/main.`,
    );
  }
  if (reason === "RepoNotFound" || response.status === 401) {
    return new SourceError(
      "source-not-found",
      `There is no model ${repoId} at ${page}, or it is private. Check the spelling (owner/name)${token ? " and that the token may read it" : "; for a private or gated model pass { token } (HF_TOKEN on the command line)"}.`,
    );
  }
  if (response.status === 403) {
    return new SourceError(
      "source-forbidden",
      `The Hub refuses ${path} of ${repoId}. See ${page} for what it asks of readers${token ? "; the token given is not enough" : ", and pass { token }"}.`,
    );
  }
  return undefined;
}
