import { SourceError } from "../errors.js";
import { files } from "./files.js";
import { http } from "./http.js";
import type { HubOptions } from "./hub.js";
import { folderOfUrl, kindOfPath, nodeFolder } from "./node-fs.js";
import type { Source } from "./source.js";

/** What a model can be loaded from: a folder's path (Node), an address, a Hub id `owner/name[@revision]`, dropped files, or a source of one's own. */
export type SourceLike = string | URL | readonly File[] | Source;

/** How files of the Hub are got at. */
export type AccessOptions = Pick<HubOptions, "token" | "cache" | "offline">;

/**
 * The source that a user's words or files stand for.
 *
 * In Node a string that names an existing folder is that folder. In a browser, strings that begin with `/`, `./` or
 * `../` are addresses beside the page.
 *
 * @throws {@link SourceError} when the string is none of these.
 */
export async function openSource(source: SourceLike, access: AccessOptions = {}): Promise<Source> {
  const options = { token: access.token, cache: access.cache, offline: access.offline };
  if (typeof source === "string") return openText(source.trim(), options);
  if (source instanceof URL) return openUrl(source, options);
  if ("read" in source) return source;
  if (source.length === 0)
    throw new SourceError("source-unknown", "No files were given. Choose the folder that holds config.json.");
  return files(source);
}

const HUB_ID = /^([\w-][\w.-]*\/[\w.-]+)(?:@([^\s@]+))?$/;

async function openText(text: string, options: AccessOptions): Promise<Source> {
  if (/^(https?|file):/i.test(text)) return openUrl(new URL(text), options);
  const kind = await kindOfPath(text);
  if (kind === "folder") return nodeFolder(text);
  if (kind === "file") {
    throw new SourceError(
      "source-unknown",
      `${text} is a file. Pass the folder it lies in, with config.json beside it.`,
    );
  }
  const page = globalThis.location?.href;
  if (page && /^\.{0,2}\//.test(text)) return http(new URL(text, page));

  const [, repoId, revision] = HUB_ID.exec(text) ?? [];
  if (repoId) return openHub(repoId, { ...options, ...(revision && { revision }) });
  throw new SourceError(
    "source-unknown",
    `${JSON.stringify(text)} is no folder here, no http(s) address, and no Hub id such as "HuggingFaceTB/SmolLM2-135M-Instruct". Check the spelling.`,
  );
}

async function openUrl(url: URL, options: AccessOptions): Promise<Source> {
  if (url.protocol === "file:") return folderOfUrl(url);
  const isHub = /^(www\.)?(huggingface\.co|hf\.co)$/.test(url.hostname);
  const [, repoId, kind, revision] = HUB_PATH.exec(url.pathname) ?? [];
  const named = { ...options, ...(revision && { revision: decodeURIComponent(revision) }) };
  if (isHub && repoId) return openHub(repoId, named);
  // Another server with the Hub's paths: if it also tells the Hub's hashes, they are checked and its files kept.
  if (!repoId || kind !== "resolve" || url.search) return http(url);
  const { storeOfHost } = await import("./cache/default.js");
  const store = storeOfHost(url.host);
  return store ? openHub(repoId, { ...named, endpoint: url.origin, store }) : http(url);
}

/** Its code, with the cache's, comes with the first repository. */
async function openHub(repoId: string, options: HubOptions): Promise<Source> {
  return (await import("./hub.js")).hub(repoId, options);
}

const HUB_PATH = /^\/([^/]+\/[^/]+?)(?:\/(tree|resolve)\/(.+?))?\/?$/;
