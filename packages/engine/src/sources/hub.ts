import { SourceError } from "../errors.js";
import { type HttpOptions, http } from "./http.js";
import type { Source } from "./source.js";

export interface HubOptions extends Pick<HttpOptions, "attempts" | "pause"> {
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string;
  /** Access token, for gated and private repositories. */
  readonly token?: string;
  /** Default `https://huggingface.co`. */
  readonly endpoint?: string;
}

/** A model repository on the Hugging Face Hub, e.g. `hub("HuggingFaceTB/SmolLM2-135M-Instruct")`. */
export function hub(repoId: string, options: HubOptions = {}): Source {
  const { revision = "main", token, endpoint = "https://huggingface.co", attempts, pause } = options;
  const page = `${endpoint.replace(/\/+$/, "")}/${repoId}`;

  return http(`${page}/resolve/${encodeURIComponent(revision)}/`, {
    name: revision === "main" ? repoId : `${repoId}@${revision}`,
    ...(token && { headers: { Authorization: `Bearer ${token}` } }),
    ...(attempts !== undefined && { attempts }),
    ...(pause !== undefined && { pause }),
    explain: (response, path) => explain(response, path, { repoId, revision, page, token }),
  });
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
      `${repoId} is gated: its authors want their terms accepted first. Accept them at ${page}, then pass { token } of that account.`,
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
      `There is no model ${repoId} at ${page}, or it is private. Check the spelling (owner/name)${token ? " and that the token may read it" : "; for a private or gated model pass { token }"}.`,
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
