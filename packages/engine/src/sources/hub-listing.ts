import { SourceError } from "../errors.js";
import type { HttpSource } from "./http.js";
import { type HubHttpOptions, hubApi, hubFiles } from "./hub-http.js";
import type { ReadOptions } from "./source.js";

/** A file of a repository, as the Hub describes it. */
export interface HubFile {
  readonly path: string;
  readonly size: number;
  /** What the Hub calls these bytes, and a cache their blob: SHA-256 of a large file (64 digits), git's hash of a small one (40). */
  readonly etag: string;
  /** Whether the etag is known to be such a hash, so that the bytes can be held against it. */
  readonly checked: boolean;
}

/** One revision of a repository: which commit it is now, and its files. */
export interface HubListing {
  readonly commit: string;
  /** Where its files are asked for: by commit, so that a branch that moves meanwhile does not mix two. */
  readonly revision: string;
  /** `undefined` when the repository has no such file, `"unnamed"` when the server tells too little of it. */
  find(path: string, options?: ReadOptions): Promise<HubFile | "unnamed" | undefined>;
}

/**
 * What the Hub says of a revision: one request to its API, or where a mirror has none, the headers of each file as it is
 * asked for.
 *
 * @returns `undefined` where neither names commit and hashes; then nothing can be kept or checked.
 * @throws {@link SourceError} for repositories and revisions that are not there, are not for this caller, or cannot be reached.
 */
export async function listHub(
  repoId: string,
  options: HubHttpOptions,
  { signal }: ReadOptions = {},
): Promise<HubListing | undefined> {
  const text = await hubApi(repoId, options).text(options.revision, { signal });
  return (text && fromApi(text)) || fromHeaders(hubFiles(repoId, options), options.revision, { signal });
}

interface ApiFile {
  readonly rfilename?: unknown;
  readonly size?: unknown;
  readonly blobId?: unknown;
  readonly lfs?: { readonly sha256?: unknown } | null;
}

function fromApi(text: string): HubListing | undefined {
  let answer: { readonly sha?: unknown; readonly siblings?: readonly ApiFile[] } | null;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined; // not the Hub's API
  }
  const commit = answer?.sha;
  if (!isCommit(commit) || !Array.isArray(answer?.siblings)) return undefined;
  const files = new Map<string, HubFile>();
  for (const { rfilename, size, blobId, lfs } of answer.siblings as readonly ApiFile[]) {
    const etag = lfs?.sha256 ?? blobId;
    if (typeof rfilename !== "string" || typeof size !== "number" || !isHash(etag)) return undefined;
    files.set(rfilename, { path: rfilename, size, etag, checked: true });
  }
  return { commit, revision: commit, find: async (path) => files.get(path) };
}

/** The Hub's own headers, which huggingface_hub relies on too. */
async function fromHeaders(
  source: HttpSource,
  revision: string,
  options: ReadOptions,
): Promise<HubListing | undefined> {
  let commit: string | null | undefined;
  try {
    commit = (await source.headers("config.json", options))?.get("x-repo-commit");
  } catch (error) {
    if (!(error instanceof SourceError && error.code === "source-unavailable")) throw error; // HEAD is not for everyone
  }
  if (!isCommit(commit)) return undefined;
  return {
    commit,
    revision,
    async find(path, readOptions) {
      const headers = await source.headers(path, readOptions);
      if (!headers) return undefined;
      const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\/|"/g, "");
      const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
      // Anything else in the place of a blob's name could lead out of the cache.
      if (!/^[\w-]{1,128}$/.test(etag) || !Number.isSafeInteger(size)) return "unnamed";
      // Other servers have etags of their own making; 64 digits are a SHA-256 wherever a commit is told too.
      return { path, size, etag, checked: etag.length === 64 && isHash(etag) };
    },
  };
}

export function isCommit(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{40}$/.test(value);
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}
