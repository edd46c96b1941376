import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { failure } from "../testing/failure.js";
import { type HubServerOptions, serveHub, sha256 } from "../testing/hub-server.js";
import { sendRange, serve } from "../testing/server.js";
import { nodeHubStore } from "./cache/node-hub-store.js";
import { PART_BYTES } from "./cache/store.js";
import { type HubOptions, hub } from "./hub.js";
import { openSource } from "./open.js";
import { readText } from "./source.js";

/** More than two parts, so that several connections and an uneven end take part. */
const WEIGHTS = Uint8Array.from({ length: 2 * PART_BYTES + 12_345 }, (_, i) => (i * 7 + (i >> 9)) % 251);
const FILES = { "config.json": '{"model_type":"llama"}', "model.safetensors": WEIGHTS };
const MODEL = "model.safetensors";

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "alambic-hub-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function setUp(server: Partial<HubServerOptions> = {}) {
  const hubServer = await serveHub({ files: FILES, ...server });
  const folder = temporaryFolder();
  const open = (options: HubOptions = {}) =>
    hub("owner/name", { endpoint: hubServer.endpoint, store: nodeHubStore(folder), pause: 1, ...options });
  return { ...hubServer, folder, open };
}

const whole = { start: 0, end: WEIGHTS.length };

test.each([{ api: true }, { api: false }])(
  "everything is fetched once, then nothing ($api: an API)",
  async ({ api }) => {
    const { open, sent, requests, folder, commit } = await setUp({ api });
    const first = open();
    expect(await readText(first, "config.json")).toBe(FILES["config.json"]);
    expect(await first.size(MODEL)).toBe(WEIGHTS.length);
    const kept = first.keep!([MODEL]);
    expect(await first.read(MODEL, { start: WEIGHTS.length - 9, end: WEIGHTS.length })).toEqual(WEIGHTS.slice(-9));
    expect(Buffer.compare(await first.read(MODEL, whole), WEIGHTS)).toBe(0);
    await kept;
    expect(first.traffic!.fetched).toBe(WEIGHTS.length + FILES["config.json"].length);
    expect(await first.identity!(MODEL)).toBe(sha256(WEIGHTS));

    const base = join(folder, "models--owner--name");
    expect(readFileSync(join(base, "refs/main"), "utf8")).toBe(commit);
    expect(realpathSync(join(base, "snapshots", commit, MODEL))).toBe(
      realpathSync(join(base, "blobs", sha256(WEIGHTS))),
    );
    expect(readdirSync(join(base, "blobs")).length).toBe(2); // nothing unfinished is left

    const [bytes, asked] = [sent(), requests.length];
    const second = open();
    await second.keep!([MODEL]);
    expect(await readText(second, "config.json")).toBe(FILES["config.json"]);
    expect(Buffer.compare(await second.read(MODEL, whole), WEIGHTS)).toBe(0);
    expect(second.traffic!.fetched).toBe(0);
    expect(sent() - bytes).toBeLessThan(1000);
    expect(requests.length - asked).toBeLessThanOrEqual(2); // where the branch stands now
  },
);

test("a header is read without fetching the file", async () => {
  const { open, sent, folder } = await setUp();
  expect(await open().read(MODEL, { start: 10, end: 2010 })).toEqual(WEIGHTS.slice(10, 2010));
  expect(sent()).toBeLessThan(4000);
  expect(readdirSync(join(folder, "models--owner--name"))).toEqual(["refs"]);
});

test("a kept revision loads with no network, and says what is missing", async () => {
  const { open, commit, requests } = await setUp();
  await open().keep!(["config.json", MODEL]);
  const asked = requests.length;
  for (const revision of ["main", commit]) {
    const source = open({ offline: true, revision });
    expect(await source.size(MODEL)).toBe(WEIGHTS.length);
    expect(await readText(source, "config.json")).toBe(FILES["config.json"]);
    expect(await source.size("tokenizer.json")).toBeUndefined();
    expect(await failure(() => source.size("model-00002-of-00003.safetensors"))).toMatch(
      /^source-unavailable: model-00002-of-00003\.safetensors of owner\/name.* is not in .*, and there is no network, or it may not be used\. Load the model once with a network\.$/,
    );
  }
  expect(requests.length).toBe(asked);
  // A commit never changes, so that even with a network nobody is asked.
  expect(await readText(open({ revision: commit }), "config.json")).toBe(FILES["config.json"]);
  expect(requests.length).toBe(asked);
  expect(await failure(() => open({ offline: true, revision: "v2" }).size(MODEL))).toMatch(
    /^source-unavailable: owner\/name@v2 is not in .*, and nothing may be fetched \(HF_HUB_OFFLINE, or offline: true\)\. Load it once with a network\.$/,
  );
});

test("a server that is down is no matter once the files are here", async () => {
  let down = false;
  const { open } = await setUp({
    trouble: (_, response) => {
      if (down) response.writeHead(503).end();
      return down;
    },
  });
  await open().keep!(["config.json", MODEL]);
  down = true;
  const source = open();
  expect(Buffer.compare(await source.read(MODEL, whole), WEIGHTS)).toBe(0);
  expect(await source.size("tokenizer.json")).toBeUndefined();
});

test("a download that is stopped goes on later, and never looks whole", async () => {
  let left = PART_BYTES + 4_000_000;
  const { open, sent, folder } = await setUp({
    trouble: (request, response) => {
      if (!request.url!.startsWith("/cdn") || left < 0) return false;
      const [, first, last] = /(\d+)-(\d+)/.exec(request.headers.range ?? "")!;
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/${WEIGHTS.length}` });
      const some = Math.min(left, Number(last) + 1 - Number(first));
      left -= some;
      response.write(WEIGHTS.subarray(Number(first), Number(first) + some)); // and then silence, unless that was all
      if (some === Number(last) + 1 - Number(first)) response.end();
      return true;
    },
  });
  const stop = new AbortController();
  const first = open();
  const kept = first.keep!([MODEL], { signal: stop.signal });
  await first.read(MODEL, { start: 0, end: 100 });
  setTimeout(() => stop.abort(new Error("enough")), 200);
  await expect(kept).rejects.toThrow("enough");
  const blobs = join(folder, "models--owner--name/blobs");
  const unfinished = readdirSync(blobs);
  expect(unfinished).toEqual([`${sha256(WEIGHTS)}.0.incomplete`]);
  expect(statSync(join(blobs, unfinished[0]!)).size).toBeGreaterThan(WEIGHTS.length);
  expect(await open({ offline: true }).size(MODEL)).toBeUndefined();

  left = -1;
  const before = sent();
  await open().keep!([MODEL]);
  expect(sent() - before).toBeLessThan(WEIGHTS.length - PART_BYTES + 1000); // the first part was here already
  expect(Buffer.compare(readFileSync(join(blobs, sha256(WEIGHTS))), WEIGHTS)).toBe(0);
  expect(readdirSync(blobs)).toEqual([sha256(WEIGHTS)]);
});

test("many shards share four connections, and what is waited for comes first", async () => {
  const names = Array.from({ length: 9 }, (_, i) => `model-${i}.safetensors`);
  const shard = WEIGHTS.subarray(0, 100_000);
  let open = 0;
  let most = 0;
  const asked: string[] = [];
  const { open: openHub } = await setUp({
    files: Object.fromEntries(names.map((name) => [name, shard])),
    trouble: (request, response) => {
      if (!request.url!.startsWith("/cdn")) return false;
      asked.push(request.url!.slice("/cdn/".length));
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        sendRange(request, response, shard);
      }, 20);
      return true;
    },
  });
  const source = openHub();
  const kept = source.keep!(names);
  const last = names.at(-1)!;
  await source.read(last, { start: 0, end: 10 });
  expect(asked.indexOf(last)).toBeLessThan(6);
  await kept;
  expect(most).toBe(4);
  expect(asked.length).toBe(9);
});

test("connections that are cut are taken up within a part", async () => {
  const { open, sent } = await setUp({
    trouble: (request, response, count) => {
      if (!request.url!.startsWith("/cdn") || count % 2) return false;
      const [, first, last] = /(\d+)-(\d+)/.exec(request.headers.range ?? "")!;
      response.writeHead(206, { "content-range": `bytes ${first}-${last}/${WEIGHTS.length}` });
      response.write(WEIGHTS.subarray(Number(first), Math.min(Number(first) + 3_000_000, Number(last) + 1)), () =>
        setTimeout(() => request.socket.destroy(), 20),
      );
      return true;
    },
  });
  const source = open();
  await source.keep!([MODEL]);
  expect(Buffer.compare(await source.read(MODEL, whole), WEIGHTS)).toBe(0);
  expect(sent()).toBeLessThan(3 * WEIGHTS.length);
});

test.each([{ api: true }, { api: false }])(
  "a wrong hash is found, and nothing is kept ($api: an API)",
  async ({ api }) => {
    const { open, folder } = await setUp({ api, hashes: { [MODEL]: "ab".repeat(32) } });
    expect(await failure(() => open().keep!([MODEL]))).toBe(
      `source-wrong-bytes: model.safetensors from owner/name has the hash ${sha256(WEIGHTS)}; the Hub says ${"ab".repeat(32)}. What came was thrown away. Load again; if it comes again, something between here and the Hub changes files.`,
    );
    expect(readdirSync(join(folder, "models--owner--name/blobs"))).toEqual([]);
  },
);

test("a server that names hashes but no commit: kept and checked by hash alone", async () => {
  for (const hashes of [{}, { [MODEL]: "ab".repeat(32) }]) {
    const { open, sent, folder } = await setUp({ api: false, commit: false, hashes });
    if (MODEL in hashes) {
      expect(await failure(() => open().keep!([MODEL]))).toContain("has the hash");
      continue;
    }
    expect(await readText(open(), "config.json")).toBe(FILES["config.json"]); // its etag is no hash we check: passes through
    await open().keep!([MODEL]);
    const before = sent();
    const second = open();
    await second.keep!([MODEL]);
    expect(Buffer.compare(await second.read(MODEL, whole), WEIGHTS)).toBe(0);
    expect(sent() - before).toBeLessThan(100);
    expect(readdirSync(join(folder, "models--owner--name"))).toEqual(["blobs"]);
  }
});

test("a small file with the wrong hash is found too", async () => {
  const { open } = await setUp({ hashes: { "config.json": "cd".repeat(20) } });
  expect(await failure(() => readText(open(), "config.json"))).toContain("config.json from owner/name has the hash");
});

test("a server without ranges sends the file about once", async () => {
  const { open, sent } = await setUp({
    trouble: (request, response) => {
      if (!request.url!.startsWith("/cdn")) return false;
      response.writeHead(200, { "content-length": WEIGHTS.length }).end(WEIGHTS);
      return true;
    },
  });
  const source = open();
  await source.read(MODEL, { start: 0, end: 64 }); // the header, which tells
  const before = sent();
  await source.keep!([MODEL]);
  expect(Buffer.compare(await source.read(MODEL, whole), WEIGHTS)).toBe(0);
  expect(sent() - before).toBeLessThanOrEqual(2 * WEIGHTS.length + 1000);
});

test("the token goes to the Hub and not to where it sends us", async () => {
  const seen = new Map<string, string | undefined>();
  const { open } = await setUp({
    trouble: ({ url, headers }) => {
      seen.set(url!.split("/")[1]!, headers.authorization);
      return false;
    },
  });
  await open({ token: "hf_x" }).keep!([MODEL]);
  expect(Object.fromEntries(seen)).toEqual({ api: "Bearer hf_x", owner: "Bearer hf_x", cdn: undefined });
});

test("huggingface_hub's environment variables mean what they mean there", async () => {
  const seen: (string | undefined)[] = [];
  const { endpoint, commit } = await setUp({
    trouble: ({ headers, url }) => {
      if (!url!.startsWith("/cdn")) seen.push(headers.authorization);
      return false;
    },
  });
  const home = temporaryFolder();
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  vi.stubEnv("HF_ENDPOINT", `${endpoint}/`);
  vi.stubEnv("HF_HUB_CACHE", "");
  vi.stubEnv("HF_HOME", home);
  vi.stubEnv("HF_TOKEN", "");
  writeFileSync(join(home, "token"), "hf_saved\n");
  await (await openSource("owner/name")).keep!([MODEL]);
  expect(readdirSync(join(home, "hub/models--owner--name/snapshots"))).toEqual([commit]);
  expect(new Set(seen.splice(0))).toEqual(new Set(["Bearer hf_saved"]));

  vi.stubEnv("HF_TOKEN", "hf_env");
  expect(await (await openSource("owner/name")).size(MODEL)).toBe(WEIGHTS.length);
  expect(seen.splice(0)).toEqual(["Bearer hf_env"]);
  // Another server is not told what is meant for this one.
  vi.stubEnv("HF_ENDPOINT", "http://localhost:1");
  await openSource(`${endpoint}/owner/name/resolve/main`, { cache: false }).then((source) => source.size(MODEL));
  expect(new Set(seen.splice(0))).toEqual(new Set([undefined]));

  vi.stubEnv("HF_HUB_OFFLINE", "1");
  expect(await (await openSource("owner/name")).size(MODEL)).toBe(WEIGHTS.length);
  expect(seen).toEqual([]);
});

test("a cache that cannot be written costs the cache, not the load", async () => {
  const { endpoint, sent } = await setUp();
  const file = join(temporaryFolder(), "a file where a folder should be");
  writeFileSync(file, "");
  const source = hub("owner/name", { endpoint, store: nodeHubStore(file), pause: 1 });
  await source.keep!([MODEL]);
  expect(await readText(source, "config.json")).toBe(FILES["config.json"]);
  expect(await source.read(MODEL, { start: 5, end: 50 })).toEqual(WEIGHTS.slice(5, 50));
  expect(source.traffic!.problem).toContain("could not be written: ENOTDIR");
  expect(sent()).toBeLessThan(10_000);
});

test("paths that lead out of the cache are refused", async () => {
  const { open } = await setUp();
  expect(await failure(() => open().size("../../secret"))).toContain("is not a path inside a model's folder");
});

const refusals = [
  {
    why: "gated",
    status: 403,
    code: "GatedRepo",
    error:
      "source-forbidden: a/b is gated: its authors want their terms accepted first. Accept them at HUB/a/b, then pass { token } of that account (HF_TOKEN on the command line).",
  },
  {
    why: "gated, no token sent",
    status: 401,
    code: "GatedRepo",
    error:
      "source-forbidden: a/b is gated: its authors want their terms accepted first. Accept them at HUB/a/b, then pass { token } of that account (HF_TOKEN on the command line).",
  },
  {
    why: "no such repository",
    status: 401,
    code: "RepoNotFound",
    error:
      "source-not-found: There is no model a/b at HUB/a/b, or it is private. Check the spelling (owner/name); for a private or gated model pass { token } (HF_TOKEN on the command line).",
  },
  {
    why: "no such repository, said by status alone",
    status: 401,
    code: "",
    error:
      "source-not-found: There is no model a/b at HUB/a/b, or it is private. Check the spelling (owner/name); for a private or gated model pass { token } (HF_TOKEN on the command line).",
  },
  {
    why: "no such revision",
    status: 404,
    code: "RevisionNotFound",
    error: "source-not-found: a/b has no revision main. Its branches and tags are at HUB/a/b/tree/main.",
  },
  {
    why: "forbidden for another reason",
    status: 403,
    code: "",
    error:
      "source-forbidden: The Hub refuses config.json of a/b. See HUB/a/b for what it asks of readers, and pass { token }.",
  },
];
test.each(refusals)("$why", async ({ status, code, error }) => {
  const { url } = await serve((request, response) => {
    const api = request.url!.startsWith("/api");
    response
      .writeHead(api && status === 403 ? 404 : status, code && !(api && status === 403) ? { "x-error-code": code } : {})
      .end();
  });
  for (const store of [nodeHubStore(temporaryFolder()), undefined]) {
    const options = { endpoint: url, pause: 1, ...(store ? { store } : { cache: false }) };
    expect(await failure(() => hub("a/b", options).size("config.json"))).toBe(error.replaceAll("HUB/", url));
  }
});

test("a file that the repository does not have is no error", async () => {
  const { open } = await setUp();
  expect(await open().size("tokenizer.json")).toBeUndefined();
  expect(await readText(open({ cache: false }), "tokenizer.json")).toBeUndefined();
});

test("a revision with slashes is escaped, and names the source", async () => {
  const { endpoint, requests } = await setUp();
  const source = hub("owner/name", { endpoint, revision: "refs/pr/3", cache: false });
  await source.read("config.json", { start: 1, end: 3 });
  expect(requests).toEqual(["GET /owner/name/resolve/refs%2Fpr%2F3/config.json 1-2"]);
  expect(source.name).toBe("owner/name@refs/pr/3");
});
