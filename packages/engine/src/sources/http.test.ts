import { type AddressInfo, createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { sendRange, serve } from "../testing/server.js";
import { http } from "./http.js";
import { readJson, readText } from "./source.js";

const FILE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7 + (i >> 8)) % 251);
const QUICK = { pause: 1 };

test("a range is read as asked, and the size told, in one small request each", async () => {
  const { url, requests } = await serve((request, response) => sendRange(request, response, FILE));
  const source = http(url);
  expect(await source.size("a.bin")).toBe(FILE.length);
  expect(await source.read("a.bin", { start: 1001, end: 2003 })).toEqual(FILE.slice(1001, 2003));
  expect(await source.read("a.bin", { start: 5, end: 5 })).toEqual(new Uint8Array());
  expect(requests).toEqual(["GET /a.bin 0-0", "GET /a.bin 1001-2002"]);
});

test("paths are escaped, and a query of the address goes with every file", async () => {
  const { url, requests } = await serve((request, response) => sendRange(request, response, FILE));
  await http(`${url}models?key=secret`).read("a #1/b?.bin", { start: 0, end: 4 });
  expect(requests).toEqual(["GET /models/a%20%231/b%3F.bin?key=secret 0-3"]);
  expect(http(`${url}models?key=secret`).name).not.toContain("secret");
  expect(await failure(() => http(url).size("../secret"))).toContain(
    '"../secret" is not a path inside a model\'s folder',
  );
});

const missing = [
  { why: "404", status: 404, type: "text/plain" },
  { why: "a single-page server's fallback page", status: 200, type: "text/html; charset=utf-8" },
];
test.each(missing)("a file that is not there: $why", async ({ status, type }) => {
  const { url } = await serve((_, response) => response.writeHead(status, { "content-type": type }).end("<html>"));
  const source = http(url);
  expect(await source.size("model.safetensors")).toBeUndefined();
  expect(await readText(source, "config.json")).toBeUndefined();
  expect(await failure(() => source.read("a.bin", { start: 0, end: 4 }))).toBe(
    `source-not-found: a.bin is not in ${url}. Check the name and that the copy is complete.`,
  );
});

test("a server without ranges is streamed once for reads in order, and again for a step back", async () => {
  const { url, requests } = await serve((_, response) =>
    response.writeHead(200, { "content-length": FILE.length }).end(FILE),
  );
  const source = http(url);
  expect(await source.size("a.bin")).toBe(FILE.length);
  for (const [start, end] of [
    [10, 20],
    [20, 100_000],
    [250_000, 250_001],
    [299_000, 300_000],
  ] as const) {
    expect(await source.read("a.bin", { start, end })).toEqual(FILE.slice(start, end));
  }
  expect(requests.length).toBe(2); // size, then one download
  expect(await source.read("a.bin", { start: 10, end: 20 })).toEqual(FILE.slice(10, 20));
  expect(requests.length).toBe(3);
  expect(await failure(() => source.read("a.bin", { start: 299_000, end: 300_001 }))).toContain(
    `a.bin in ${url} ends at byte 300000; bytes up to 300001 were asked for.`,
  );
});

test("parallel reads from a server without ranges do not mix their bytes", async () => {
  const { url } = await serve((_, response) => response.writeHead(200).end(FILE));
  const source = http(url);
  const starts = [200_000, 0, 100_000, 50, 299_990];
  const parts = await Promise.all(starts.map((start) => source.read("a.bin", { start, end: start + 10 })));
  expect(parts).toEqual(starts.map((start) => FILE.slice(start, start + 10)));
});

test("the size of a file that the server compresses is that of the file", async () => {
  const { url } = await serve((_, response) =>
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(FILE)),
  );
  expect(await http(url).size("a.bin")).toBe(FILE.length);
});

test("a cut connection is taken up where it broke off", async () => {
  const { url, requests } = await serve((request, response, count) => {
    if (count === 3) return sendRange(request, response, FILE);
    const [, first, last] = /(\d+)-(\d+)/.exec(request.headers.range ?? "")!;
    const start = Number(first);
    response.writeHead(206, {
      "content-range": `bytes ${start}-${last}/300000`,
      "content-length": Number(last) + 1 - start,
    });
    response.write(FILE.subarray(start, start + 1000), () => setTimeout(() => request.socket.destroy(), 20));
  });
  const bytes = await http(url, QUICK).read("a.bin", { start: 7, end: 5007 });
  expect(bytes).toEqual(FILE.slice(7, 5007));
  expect(requests).toEqual(["GET /a.bin 7-5006", "GET /a.bin 1007-5006", "GET /a.bin 2007-5006"]);
});

test("an answer that ends early without a word is taken up too", async () => {
  const { url, requests } = await serve((request, response, count) => {
    if (count > 1) return sendRange(request, response, FILE);
    response.writeHead(206, { "content-range": "bytes 0-99/300000" }).end(FILE.subarray(0, 40)); // chunked: no length
  });
  expect(await http(url, QUICK).read("a.bin", { start: 0, end: 100 })).toEqual(FILE.slice(0, 100));
  expect(requests).toEqual(["GET /a.bin 0-99", "GET /a.bin 40-99"]);
});

test("a connection that is always cut is given up after five tries", async () => {
  const { url, requests } = await serve((request) => request.socket.destroy());
  const source = http(url, QUICK);
  expect(await failure(() => source.read("a.bin", { start: 0, end: 4 }))).toBe(
    `source-unavailable: a.bin could not be fetched: ${url} gave no answer to 5 tries. Check the address and the connection; in a browser, another site must also allow it (Access-Control-Allow-Origin).`,
  );
  expect(requests.length).toBe(5);
});

test("a server that is not there is given up after three tries", async () => {
  const { port } = await new Promise<AddressInfo>((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address() as AddressInfo;
      server.close(() => resolve(address)); // nobody listens there any more
    });
  });
  const url = `http://127.0.0.1:${port}/`;
  expect(await failure(() => http(url, QUICK).size("a.bin"))).toContain(
    `source-unavailable: a.bin could not be fetched: ${url} gave no answer to 3 tries (ECONNREFUSED at 127.0.0.1:${port}). `,
  );
});

test("silence counts as a cut: before an answer, and in the middle of a body", async () => {
  const { url, requests } = await serve((request, response, count) => {
    if (count === 1) return; // not a word
    if (count > 2) return sendRange(request, response, FILE);
    response.writeHead(206, { "content-range": "bytes 0-99/300000" });
    response.write(FILE.subarray(0, 40)); // and nothing more
  });
  expect(await http(url, { ...QUICK, idle: 100 }).read("a.bin", { start: 0, end: 100 })).toEqual(FILE.slice(0, 100));
  expect(requests).toEqual(["GET /a.bin 0-99", "GET /a.bin 0-99", "GET /a.bin 40-99"]);
});

test("a body that never begins is given up after five tries", async () => {
  const { url, requests } = await serve((request, response) => {
    response.writeHead(206, { "content-range": "bytes 0-3/300000", "content-length": 4 });
    response.flushHeaders();
    setTimeout(() => request.socket.destroy(), 10);
  });
  expect(await failure(() => http(url, QUICK).read("a.bin", { start: 0, end: 4 }))).toContain(
    `source-unavailable: a.bin from ${url} broke off at byte 0, 5 times in a row.`,
  );
  expect(requests.length).toBe(5);
});

test.each([408, 429, 500, 503])("%i is tried again", async (status) => {
  const { url, requests } = await serve((request, response, count) => {
    if (count > 2) return sendRange(request, response, FILE);
    response.writeHead(status, { "retry-after": "0" }).end("not now");
  });
  expect(await http(url, QUICK).read("a.bin", { start: 3, end: 9 })).toEqual(FILE.slice(3, 9));
  expect(requests.length).toBe(3);
});

test("Retry-After is obeyed", async () => {
  const { url } = await serve((request, response, count) => {
    if (count > 1) return sendRange(request, response, FILE);
    response.writeHead(429, { "retry-after": "1" }).end();
  });
  const begun = performance.now();
  await http(url, QUICK).read("a.bin", { start: 0, end: 1 });
  expect(performance.now() - begun).toBeGreaterThan(950);
});

const refusals = [
  {
    status: 401,
    tries: 1,
    error:
      "source-forbidden: SERVER answered 401 for a.bin: it may not be read without permission. Pass the headers or the token that the server asks for.",
  },
  {
    status: 403,
    tries: 1,
    error:
      "source-forbidden: SERVER answered 403 for a.bin: it may not be read without permission. Pass the headers or the token that the server asks for.",
  },
  {
    status: 418,
    tries: 1,
    error: "source-unavailable: SERVER answered 418 for a.bin; a file was expected. Check the address.",
  },
  {
    status: 429,
    tries: 5,
    error:
      "source-rate-limited: SERVER answered 429 for a.bin, 5 times in a row: too many requests. Try again in a few minutes.",
  },
  {
    status: 500,
    tries: 5,
    error: "source-unavailable: SERVER answered 500 for a.bin, 5 times in a row: it has a fault. Try again later.",
  },
];
test.each(refusals)("$status for good, after $tries tries", async ({ status, tries, error }) => {
  const { url, requests } = await serve((_, response) => response.writeHead(status).end());
  const source = http(url, QUICK);
  expect(await failure(() => source.size("a.bin"))).toBe(error.replace("SERVER", url));
  expect(requests.length).toBe(tries);
  await expect(readText(source, "a.bin")).rejects.toThrow(`${status}`);
});

const liars = [
  {
    why: "another range than asked for",
    range: "bytes 0-9/300000",
    sent: 10,
    error: "sent bytes 0 to 10 of a.bin; 100 to 110 were asked for",
  },
  {
    why: "more than asked for, unsaid",
    range: undefined,
    sent: 11,
    error: "sent more of a.bin than the bytes 100 to 110 that were asked for",
  },
  {
    why: "a file shorter than asked for",
    range: "bytes 100-104/105",
    sent: 5,
    error: "ends at byte 105; bytes up to 110 were asked for",
  },
];
test.each(liars)("wrong length: $why", async ({ range, sent, error }) => {
  const { url } = await serve((_, response) =>
    response.writeHead(206, range ? { "content-range": range } : {}).end(FILE.subarray(100, 100 + sent)),
  );
  const found = await failure(() => http(url, QUICK).read("a.bin", { start: 100, end: 110 }));
  expect(found).toContain("source-wrong-bytes: ");
  expect(found).toContain(error);
});

test("past the end (416)", async () => {
  const { url } = await serve((request, response) => sendRange(request, response, FILE));
  expect(await failure(() => http(url).read("a.bin", { start: 300_000, end: 300_008 }))).toBe(
    `source-wrong-bytes: a.bin in ${url} ends at byte 300000; bytes up to 300008 were asked for. The file is cut short; fetch it again.`,
  );
});

test("an empty file has a size", async () => {
  const { url } = await serve((request, response) => sendRange(request, response, new Uint8Array()));
  expect(await http(url).size("empty")).toBe(0);
  expect(await readText(http(url), "empty")).toBe("");
});

test("redirects are followed", async () => {
  const { url } = await serve((request, response) => {
    if (request.url === "/cdn") return sendRange(request, response, FILE);
    response.writeHead(302, { location: "/cdn" }).end();
  });
  expect(await http(url).read("a.bin", { start: 50, end: 60 })).toEqual(FILE.slice(50, 60));
});

test("an abort rejects with the signal's reason: before, while waiting, and in the middle of a body", async () => {
  const reason = new Error("enough");
  const { url, requests } = await serve((_, response, count) => {
    if (count === 1) return response.writeHead(503, { "retry-after": "20" }).end();
    response.writeHead(206, { "content-range": "bytes 0-99/300000" });
    return response.write(FILE.subarray(0, 10)); // and nothing more
  });
  const source = http(url);
  const aborted = AbortSignal.abort(reason);
  await expect(source.read("a.bin", { start: 0, end: 100, signal: aborted })).rejects.toBe(reason);
  await expect(readText(source, "a.bin", { signal: aborted })).rejects.toBe(reason);
  expect(requests.length).toBe(0);
  for (const expected of [1, 2]) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    await expect(source.read("a.bin", { start: 0, end: 100, signal: controller.signal })).rejects.toBe(reason);
    expect(requests.length).toBe(expected);
  }
});

test("an abort in the middle of a file kept open from an earlier read", async () => {
  const { url } = await serve((_, response) => response.writeHead(200).write(FILE.subarray(0, 1000)));
  const source = http(url);
  await source.read("a.bin", { start: 0, end: 10 });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await expect(source.read("a.bin", { start: 10, end: 2000, signal: controller.signal })).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
});

test("text is fetched whole, again when it was cut, and checked", async () => {
  const { url } = await serve((request, response, count) => {
    if (count === 1) {
      response.writeHead(200, { "content-length": 10 });
      return response.write("half", () => setTimeout(() => request.socket.destroy(), 10));
    }
    return response.end(request.url === "/config.json" ? '{"a":1}' : Uint8Array.of(0xff, 0xfe));
  });
  const source = http(url, QUICK);
  expect(await readJson(source, "config.json")).toEqual({ a: 1 });
  expect(await failure(() => readText(source, "x.txt"))).toContain(`x.txt in ${url} is not UTF-8 text.`);
});

test("JSON that is none is named", async () => {
  const { url } = await serve((_, response) => response.end('{"a":'));
  expect(await failure(() => readJson(http(url), "config.json"))).toContain(
    `source-wrong-bytes: config.json in ${url} is not JSON:`,
  );
});
