/** What huggingface_hub's environment variables say; nothing in a browser. */
export interface HubEnvironment {
  readonly endpoint: string;
  readonly token: string | undefined;
  readonly offline: boolean;
}

export const HUB = "https://huggingface.co";

/** `HF_ENDPOINT`, `HF_TOKEN` or the token that `hf auth login` left, and `HF_HUB_OFFLINE`, each as huggingface_hub reads them. */
export function hubEnvironment(): HubEnvironment {
  if (!inNode()) return { endpoint: HUB, token: undefined, offline: false };
  const { HF_ENDPOINT, HF_TOKEN, HF_HUB_OFFLINE, TRANSFORMERS_OFFLINE } = process.env;
  return {
    endpoint: HF_ENDPOINT || HUB,
    token: HF_TOKEN?.trim() || savedToken(),
    offline: isTrue(HF_HUB_OFFLINE || TRANSFORMERS_OFFLINE),
  };
}

/** Where huggingface_hub keeps models: `HF_HUB_CACHE`, else `hub` in `HF_HOME`, else in the user's cache folder. */
export function hubCacheFolder(): string {
  return process.env.HF_HUB_CACHE ? expanded(process.env.HF_HUB_CACHE) : `${hubHome()}/hub`;
}

/** The user's folder for what can be made again, with Alambic's own files in it. */
export function alambicCacheFolder(): string {
  const { join } = process.getBuiltinModule("node:path");
  const { homedir } = process.getBuiltinModule("node:os");
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  const folder =
    XDG_CACHE_HOME ??
    (process.platform === "win32"
      ? (LOCALAPPDATA ?? join(homedir(), "AppData", "Local"))
      : join(homedir(), ...(process.platform === "darwin" ? ["Library", "Caches"] : [".cache"])));
  return join(folder, "alambic");
}

export function inNode(): boolean {
  return Boolean(globalThis.process?.versions?.node);
}

function hubHome(): string {
  const { HF_HOME, XDG_CACHE_HOME } = process.env;
  return expanded(HF_HOME || `${XDG_CACHE_HOME || "~/.cache"}/huggingface`);
}

function savedToken(): string | undefined {
  try {
    const file = process.env.HF_TOKEN_PATH || `${hubHome()}/token`;
    return process.getBuiltinModule("node:fs").readFileSync(expanded(file), "utf8").trim() || undefined;
  } catch {
    return undefined;
  }
}

function expanded(path: string): string {
  return path.replace(/^~(?=$|\/)/, process.getBuiltinModule("node:os").homedir());
}

function isTrue(value: string | undefined): boolean {
  return /^(1|on|yes|true)$/i.test(value ?? "");
}
