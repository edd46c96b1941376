import { hubCacheFolder, inNode } from "../environment.js";
import { nodeHubStore } from "./node-hub-store.js";
import type { HubStore } from "./store.js";

/** Where this machine keeps files of the Hub; `undefined` in a browser that keeps nothing. */
export function defaultHubStore(): HubStore | undefined {
  return inNode() ? nodeHubStore(hubCacheFolder()) : undefined;
}
