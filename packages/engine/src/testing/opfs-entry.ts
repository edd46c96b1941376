/** Runs in a browser, on a page or in a worker: what `opfs.test.ts` asks for, by name. */
import { modelCache } from "../sources/cache/model-cache.js";
import { opfsPackedStore } from "../sources/cache/opfs-packed-store.js";
import { partRange } from "../sources/cache/store.js";
import { hub } from "../sources/hub.js";

export interface OpfsRequest {
  readonly step: "keep" | "stop" | "list" | "remove" | "pack";
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
  if (step === "pack") return pack();
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

/** Ten million bytes as quantised weights: not there, kept, read across two parts. */
async function pack(): Promise<OpfsAnswer> {
  const store = opfsPackedStore();
  const bytes = Uint8Array.from({ length: 10_000_000 }, (_, i) => i % 249);
  if (await store.find("key")) throw new Error("found before it was written");
  const partial = await store.begin("key", bytes.length);
  for (const part of [0, 1]) {
    const { start, end } = partRange(part, bytes.length);
    const writer = await partial.write(part);
    await writer.append(bytes.subarray(start, start + 1000));
    await writer.append(bytes.subarray(start + 1000, end));
    await writer.done();
  }
  await partial.finish();
  if (await store.find("key")) throw new Error("found before it was described");
  await store.describe("key", { name: "owner/name as int4", size: bytes.length, hashes: { a: ["b"] } });
  const found = await store.find("key");
  const read = await found?.read({ start: 8_388_600, end: 8_388_700 });
  if (read?.some((byte, i) => byte !== bytes[8_388_600 + i])) throw new Error("other bytes were read");
  // What goes by the same name takes its place.
  await (await store.begin("other", 0)).finish();
  await store.describe("other", { name: "owner/name as int4", size: 0, hashes: {} });
  return { bytes: found?.size ?? 0, cache: await modelCache().list() };
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
