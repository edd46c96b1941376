/** Runs in a browser, on a page or in a worker: what `opfs.test.ts` asks for, by name. */
import { modelCache } from "../sources/cache/model-cache.js";
import { hub } from "../sources/hub.js";

export interface OpfsRequest {
  readonly step: "keep" | "stop" | "list" | "remove";
  readonly endpoint: string;
  readonly path: string;
  readonly offline?: boolean;
}

export interface OpfsAnswer {
  readonly bytes?: number;
  readonly sha256?: string;
  readonly fetched?: number;
  readonly problem?: string | undefined;
  readonly cache?: readonly { readonly name: string; readonly bytes: number }[];
  readonly error?: string;
}

async function run({ step, endpoint, path, offline = false }: OpfsRequest): Promise<OpfsAnswer> {
  if (step === "list" || step === "remove") {
    const cache = modelCache();
    if (step === "remove") for (const entry of await cache.list()) await cache.remove(entry);
    return { cache: (await cache.list()).map(({ name, bytes }) => ({ name, bytes })) };
  }
  const source = hub("owner/name", { endpoint, offline, pause: 1 });
  const stop = new AbortController();
  const size = (await source.size(path)) ?? 0;
  const kept = source.keep?.([path], { signal: stop.signal });
  kept?.catch(() => {});
  if (step === "stop") {
    await source.read(path, { start: 0, end: 8 });
    stop.abort(new Error("enough"));
  }
  await kept;
  const bytes = await source.read(path, { start: 0, end: size });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  return {
    bytes: bytes.length,
    sha256: Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    fetched: source.traffic?.fetched ?? 0,
    problem: source.traffic?.problem,
  };
}

async function answer(request: OpfsRequest): Promise<OpfsAnswer> {
  try {
    return await run(request);
  } catch (error) {
    return { error: (error as Error).message };
  }
}

if (typeof document === "undefined") {
  addEventListener("message", async ({ data }) => postMessage(await answer(data as OpfsRequest)));
} else Object.assign(globalThis, { opfsAnswer: answer });
