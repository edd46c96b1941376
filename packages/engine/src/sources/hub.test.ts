import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { sendRange, serve } from "../testing/server.js";
import { hub } from "./hub.js";

test("files are asked for where the Hub has them, with the token", async () => {
  let authorization: string | undefined;
  const { url, requests } = await serve((request, response) => {
    authorization = request.headers.authorization;
    sendRange(request, response, Uint8Array.of(1, 2, 3, 4));
  });
  const source = hub("owner/name", { endpoint: url, revision: "refs/pr/3", token: "hf_x" });
  expect(source.name).toBe("owner/name@refs/pr/3");
  expect(await source.read("onnx/a b.bin", { start: 1, end: 3 })).toEqual(Uint8Array.of(2, 3));
  expect(requests).toEqual(["GET /owner/name/resolve/refs%2Fpr%2F3/onnx/a%20b.bin 1-2"]);
  expect(authorization).toBe("Bearer hf_x");
  expect(hub("owner/name").name).toBe("owner/name");
});

test("a token does not follow a redirect to another host", async () => {
  const seen: (string | undefined)[] = [];
  const cdn = await serve((request, response) => {
    seen.push(request.headers.authorization);
    sendRange(request, response, Uint8Array.of(1, 2, 3, 4));
  });
  const { url } = await serve((_, response) =>
    response.writeHead(302, { location: cdn.url.replace("127.0.0.1", "localhost") }).end(),
  );
  expect(await hub("a/b", { endpoint: url, token: "hf_x" }).size("model.safetensors")).toBe(4);
  expect(seen).toEqual([undefined]);
});

const refusals = [
  {
    why: "gated",
    status: 403,
    code: "GatedRepo",
    error:
      "source-forbidden: a/b is gated: its authors want their terms accepted first. Accept them at HUB/a/b, then pass { token } of that account.",
  },
  {
    why: "gated, no token sent",
    status: 401,
    code: "GatedRepo",
    error:
      "source-forbidden: a/b is gated: its authors want their terms accepted first. Accept them at HUB/a/b, then pass { token } of that account.",
  },
  {
    why: "no such repository",
    status: 401,
    code: "RepoNotFound",
    error:
      "source-not-found: There is no model a/b at HUB/a/b, or it is private. Check the spelling (owner/name); for a private or gated model pass { token }.",
  },
  {
    why: "no such repository, said by status alone",
    status: 401,
    code: "",
    error:
      "source-not-found: There is no model a/b at HUB/a/b, or it is private. Check the spelling (owner/name); for a private or gated model pass { token }.",
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
  const { url } = await serve((_, response) => response.writeHead(status, code ? { "x-error-code": code } : {}).end());
  expect(await failure(() => hub("a/b", { endpoint: url, pause: 1 }).size("config.json"))).toBe(
    error.replaceAll("HUB/", url),
  );
});

test("a file that the repository does not have is no error", async () => {
  const { url } = await serve((_, response) => response.writeHead(404, { "x-error-code": "EntryNotFound" }).end());
  expect(await hub("a/b", { endpoint: url }).size("model.safetensors")).toBeUndefined();
});
