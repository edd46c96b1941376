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
  /** `undefined` where a server names none; then only hashes tell its files from others. */
  readonly commit: string | undefined;
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

/** The Hub's own headers, which huggingface_hub relies on too; a server that has some of them is believed in those. */
async function fromHeaders(
  source: HttpSource,
  revision: string,
  options: ReadOptions,
): Promise<HubListing | undefined> {
  let config: Headers | undefined;
  try {
    config = await source.headers("config.json", options);
  } catch (error) {
    if (!(error instanceof SourceError && error.code === "source-unavailable")) throw error; // HEAD is not for everyone
  }
  if (!config) return undefined;
  const named = config.get("x-repo-commit");
  const commit = isCommit(named) ? named : undefined;
  const known = new Map<string, HubFile | "unnamed" | undefined>();
  return {
    commit,
    revision,
    async find(path, readOptions) {
      if (known.has(path)) return known.get(path);
      const headers = await source.headers(path, readOptions);
      const file = headers && describedBy(headers, path, commit !== undefined);
      known.set(path, file);
      return file;
    },
  };
}

function describedBy(headers: Headers, path: string, hasCommit: boolean): HubFile | "unnamed" {
  const etag = (headers.get("x-linked-etag") ?? headers.get("etag") ?? "").replace(/^W\/|"/g, "");
  const size = Number(headers.get("x-linked-size") ?? headers.get("content-length") ?? Number.NaN);
  // Other servers have etags of their own making; 64 digits are a SHA-256.
  const checked = etag.length === 64 && isHash(etag);
  // Anything else in the place of a blob's name could lead out of the cache.
  const usable = checked || (hasCommit && /^[\w-]{1,128}$/.test(etag));
  return usable && Number.isSafeInteger(size) ? { path, size, etag, checked } : "unnamed";
}

export function isCommit(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{40}$/.test(value);
}

function isHash(value: unknown): value is string {
  return typeof value === "string" && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(value);
}
