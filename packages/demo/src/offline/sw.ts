/// <reference lib="webworker" />
import { files, version as modelsVersion } from "virtual:embedded-files";
import { ModelCache } from "./models.js";

// Written in by build/offline.ts once all files of the build are known.
const SHELL: { readonly files: readonly string[]; readonly version: string } = JSON.parse("__SHELL__");

const SHELL_CACHE = `shell-${SHELL.version}`;
const MODELS_CACHE = `models-${modelsVersion}`;

const worker = self as unknown as ServiceWorkerGlobalScope;
const models = new ModelCache(files, MODELS_CACHE);

/** Everything but the models: a visitor who has seen the page once has it without a network. */
worker.addEventListener("install", (event) => {
  event.waitUntil(
    caches
      .open(SHELL_CACHE)
      .then((cache) => cache.addAll(SHELL.files.map((file) => new Request(file, { cache: "reload" })))),
  );
});

/** Takes charge of the page that registered it, so that the models of a first visit are kept already. */
worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const scope = worker.registration.scope;
  if (request.method !== "GET" || !request.url.startsWith(scope)) return;
  const path = decodeURIComponent(new URL(request.url).pathname.slice(new URL(scope).pathname.length));
  if (path.startsWith("models/")) {
    const file = path.slice("models/".length);
    event.respondWith(models.answer(request, file, (work) => event.waitUntil(work)));
  } else if (request.mode === "navigate") event.respondWith(page(request));
  else event.respondWith(asset(request));
});

/** The newest page while there is a network, the one at hand without. */
async function page(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await (await caches.open(SHELL_CACHE)).match("./", { ignoreSearch: true });
    if (kept) return kept;
    throw error;
  }
}

/** Files of a build carry their content's hash in their name: what is kept is right. */
async function asset(request: Request): Promise<Response> {
  return (await (await caches.open(SHELL_CACHE)).match(request, { ignoreSearch: true })) ?? fetch(request);
}

/** Caches of earlier builds. What is not this page's is left alone: other pages may share the address's origin. */
async function forgetOthers(): Promise<void> {
  const ours = (await caches.keys()).filter((name) => /^(shell|models)-[0-9a-f]{16}$/.test(name));
  const old = ours.filter((name) => name !== SHELL_CACHE && name !== MODELS_CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
}
