import { defaultHubStore } from "./cache/default.js";
import type { HubStore } from "./cache/store.js";
import { HUB, hubEnvironment } from "./environment.js";
import { type HubHttpOptions, hubFiles } from "./hub-http.js";
import { keptHub } from "./kept-hub.js";
import type { Source } from "./source.js";

export interface HubOptions extends Pick<HubHttpOptions, "attempts" | "pause"> {
  /** Branch, tag or commit. Default `main`. */
  readonly revision?: string | undefined;
  /** Access token, for gated and private repositories. Default in Node: `HF_TOKEN`, or the one of `hf auth login`. */
  readonly token?: string | undefined;
  /** Default `https://huggingface.co`, in Node `HF_ENDPOINT`. A token from the environment only goes where the environment says. */
  readonly endpoint?: string;
  /** Whether files are kept on this machine, and their hashes checked. Default true. */
  readonly cache?: boolean | undefined;
  /** Take everything from the cache and ask nobody. Default in Node: `HF_HUB_OFFLINE`. */
  readonly offline?: boolean | undefined;
  /** Where files are kept. Default: huggingface_hub's own folder in Node, the origin private file system in a browser. */
  readonly store?: HubStore;
}

/** A model repository on the Hugging Face Hub, e.g. `hub("HuggingFaceTB/SmolLM2-135M-Instruct")`. */
export function hub(repoId: string, options: HubOptions = {}): Source {
  const environment = hubEnvironment();
  const { endpoint = environment.endpoint, offline = environment.offline, cache = true, ...rest } = options;
  const own = endpoint === environment.endpoint || endpoint === HUB;
  const token = options.token ?? (own ? environment.token : undefined);
  const http: HubHttpOptions = { ...rest, endpoint, token, revision: options.revision ?? "main" };
  const store = cache ? (options.store ?? defaultHubStore()) : undefined;
  return store ? keptHub(repoId, { http, store, offline }) : hubFiles(repoId, http);
}
