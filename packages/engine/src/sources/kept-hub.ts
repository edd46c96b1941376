import { SourceError, StorageError } from "../errors.js";
import { Connections } from "./cache/connections.js";
import { Download } from "./cache/download.js";
import type { HubStore, StoredFile } from "./cache/store.js";
import type { HttpSource } from "./http.js";
import { type HubHttpOptions, hubFiles, hubName } from "./hub-http.js";
import { type HubFile, type HubListing, isCommit, listHub } from "./hub-listing.js";
import {
  assertTextSize,
  decodeText,
  notFound,
  type RangeOptions,
  type ReadOptions,
  type Source,
  type Traffic,
} from "./source.js";

export interface KeptHubOptions {
  readonly http: HubHttpOptions;
  readonly store: HubStore;
  readonly offline: boolean;
}

/**
 * A repository of the Hub whose files are kept.
 *
 * The first question settles the commit; from then on everything is of that commit, whatever happens to the branch. Without
 * a network, the commit last seen is taken. Text files are kept as they are read, others once they are asked for by `keep`;
 * until then ranges of them pass through. A cache that cannot be written costs the cache, not the load.
 */
export function keptHub(repoId: string, options: KeptHubOptions): Source {
  return new KeptHub(repoId, options);
}

/** Where a revision stands. */
interface Place {
  /** `undefined` where the server names none: then bytes are known by their hash alone. */
  readonly commit: string | undefined;
  /** `undefined` without a network. */
  readonly remote: Remote | undefined;
}

interface Remote {
  readonly files: HttpSource;
  /** `undefined` where the server is not like the Hub. */
  readonly listing: HubListing | undefined;
}

/** Requests for files that are under way together. */
const CONNECTIONS = 4;

/** What no model goes without: that these are missing is told here, where it is known that only the network is. */
const ESSENTIAL = /^config\.json$|^model\.safetensors\.index\.json$|-of-\d+\.safetensors$/;

class KeptHub implements Source {
  readonly name: string;
  readonly #repoId: string;
  readonly #options: KeptHubOptions;
  readonly #downloads = new Map<string, Promise<Download | undefined>>();
  readonly #stored = new Map<string, StoredFile>();
  readonly #connections = new Connections(CONNECTIONS);
  #place: Promise<Place> | undefined;
  #online: Promise<Remote> | undefined;
  #offline: boolean;
  #fetched = 0;
  #cached = 0;
  #problem: string | undefined;

  constructor(repoId: string, options: KeptHubOptions) {
    this.#repoId = repoId;
    this.#options = options;
    this.#offline = options.offline;
    this.name = hubName(repoId, options.http.revision);
  }

  get traffic(): Traffic {
    return { fetched: this.#fetched, cached: this.#cached, problem: this.#problem };
  }

  async size(path: string, options: ReadOptions = {}): Promise<number | undefined> {
    const file = await this.#file(path, options);
    return file === "unnamed" ? (await this.#remote(options))?.files.size(path, options) : file?.size;
  }

  async identity(path: string, options: ReadOptions = {}): Promise<string | undefined> {
    const file = await this.#file(path, options);
    return file === "unnamed" ? undefined : file?.etag;
  }

  async text(path: string, options: ReadOptions = {}): Promise<string | undefined> {
    const file = await this.#file(path, options);
    if (file === undefined) return undefined;
    if (file === "unnamed") return (await this.#remote(options))?.files.text(path, options);
    assertTextSize(this, path, file.size);
    await this.keep([path], options);
    return decodeText(this, path, await this.read(path, { start: 0, end: file.size, ...options }));
  }

  async read(path: string, options: RangeOptions): Promise<Uint8Array> {
    const download = await this.#downloads.get(path);
    const stored = this.#stored.get(path) ?? (download ? undefined : await this.#find(path, options));
    if (stored) return this.#counted(stored.read(options));
    if (download) {
      try {
        return await this.#counted(download.read(options));
      } catch (error) {
        if (!(error instanceof StorageError)) throw error;
      }
    }
    const remote = await this.#remote(options);
    if (!remote) throw notFound(this, path);
    const bytes = await remote.files.read(path, options);
    this.#count(bytes.length);
    return bytes;
  }

  async keep(paths: readonly string[], options: ReadOptions = {}): Promise<void> {
    const { signal } = options;
    const downloads = await Promise.all(paths.map((path, order) => this.#download(path, order, options)));
    const stop = () => {
      for (const download of downloads) download?.stop(signal?.reason);
    };
    if (signal?.aborted) stop();
    signal?.addEventListener("abort", stop, { once: true });
    try {
      await Promise.all(downloads.map((download) => download?.done));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#problem = error.message;
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  async #counted(reading: Promise<Uint8Array>): Promise<Uint8Array> {
    const bytes = await reading;
    this.#cached += bytes.length;
    return bytes;
  }

  /** A file that the cache has whole. */
  async #find(path: string, options: ReadOptions): Promise<StoredFile | undefined> {
    const known = this.#stored.get(path);
    if (known) return known;
    const { commit } = await this.#settled(options);
    const found = await (commit ? this.#options.store.find(this.#repoId, commit, path) : this.#blob(path, options));
    if (found) this.#stored.set(path, found);
    return found;
  }

  async #blob(path: string, options: ReadOptions): Promise<StoredFile | undefined> {
    const file = await this.#listed(path, options);
    return file && file !== "unnamed" ? this.#options.store.blob?.(this.#repoId, file) : undefined;
  }

  /** A file as the cache or the Hub has it. */
  async #file(path: string, options: ReadOptions): Promise<StoredFile | HubFile | "unnamed" | undefined> {
    const file = (await this.#find(path, options)) ?? (await this.#listed(path, options));
    if (file === undefined && this.#offline && ESSENTIAL.test(path)) throw this.#notKept(path);
    return file;
  }

  async #listed(path: string, options: ReadOptions): Promise<HubFile | "unnamed" | undefined> {
    const remote = await this.#remote(options);
    return remote && (remote.listing ? remote.listing.find(path, options) : "unnamed");
  }

  /** Begins to fetch a file that is not there; `undefined` when it is, or the cache cannot take it. */
  #download(path: string, order: number, options: ReadOptions): Promise<Download | undefined> {
    const known = this.#downloads.get(path);
    if (known) return known;
    const begun = this.#begin(path, order, options);
    this.#downloads.set(path, begun);
    const forget = () => this.#downloads.delete(path);
    begun.then((download) => download?.done.then(forget, (error) => error instanceof StorageError || forget()), forget);
    return begun;
  }

  async #begin(path: string, order: number, options: ReadOptions): Promise<Download | undefined> {
    if (await this.#find(path, options)) return undefined;
    const remote = await this.#remote(options);
    const file = await this.#listed(path, options);
    if (!remote || !file) throw notFound(this, path);
    if (file === "unnamed" || !remote.listing) return undefined;
    try {
      const partial = await this.#options.store.begin(this.#repoId, remote.listing.commit, file);
      const [connections, onBytes] = [this.#connections, (bytes: number) => this.#count(bytes)];
      return partial && new Download({ remote: remote.files, connections, order, file, partial, onBytes });
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
      this.#problem = error.message;
      return undefined;
    }
  }

  #count(bytes: number): void {
    this.#fetched += bytes;
  }

  /** The commit, settled once for the life of this source. */
  #settled(options: ReadOptions): Promise<Place> {
    return remembered(
      () => this.#place,
      (place) => (this.#place = place),
      () => this.#settle(options),
    );
  }

  async #settle(options: ReadOptions): Promise<Place> {
    const { revision } = this.#options.http;
    const { store } = this.#options;
    const known = isCommit(revision) ? revision : await store.commitOf(this.#repoId, revision);
    if (this.#offline && known) return { commit: known, remote: undefined };
    if (this.#offline) throw this.#neverSeen();
    // What a commit holds never changes: it is only asked for when something is missing.
    if (isCommit(revision) && (await store.find(this.#repoId, revision, "config.json")))
      return { commit: revision, remote: undefined };
    try {
      const remote = await this.#connect(options, known !== undefined);
      return { commit: remote.listing?.commit, remote };
    } catch (error) {
      if (known === undefined || !isOutage(error)) throw error;
      this.#offline = true;
      return { commit: known, remote: undefined };
    }
  }

  /** `undefined` without a network. */
  async #remote(options: ReadOptions): Promise<Remote | undefined> {
    const place = await this.#settled(options);
    if (place.remote || this.#offline) return place.remote;
    try {
      return await this.#connect(options, true);
    } catch (error) {
      if (!isOutage(error)) throw error;
      this.#offline = true;
      return undefined;
    }
  }

  /** With a copy to fall back on, patience is shorter. */
  #connect(options: ReadOptions, hasCopy: boolean): Promise<Remote> {
    return remembered(
      () => this.#online,
      (online) => (this.#online = online),
      async () => {
        const { http, store } = this.#options;
        const patient = hasCopy ? { ...http, attempts: Math.min(2, http.attempts ?? 2) } : http;
        const listing = await listHub(this.#repoId, patient, options);
        if (listing?.commit && listing.commit !== http.revision) {
          await store.remember(this.#repoId, http.revision, listing.commit).catch((error: StorageError) => {
            this.#problem = error.message;
          });
        }
        return { listing, files: hubFiles(this.#repoId, http, listing?.revision) };
      },
    );
  }

  #notKept(path: string): SourceError {
    return new SourceError(
      "source-unavailable",
      `${path} of ${this.name} is not in ${this.#options.store.name}, and there is no network, or it may not be used. Load the model once with a network.`,
    );
  }

  #neverSeen(): SourceError {
    return new SourceError(
      "source-unavailable",
      `${this.name} is not in ${this.#options.store.name}, and nothing may be fetched (HF_HUB_OFFLINE, or offline: true). Load it once with a network.`,
    );
  }
}

/** Whether an error is of the network or the server, not of what was asked for. */
function isOutage(error: unknown): boolean {
  return error instanceof SourceError && (error.code === "source-unavailable" || error.code === "source-rate-limited");
}

/** A task done once; again after it has failed, which may have been one caller's abort. */
function remembered<T>(
  get: () => Promise<T> | undefined,
  set: (promise: Promise<T> | undefined) => void,
  task: () => Promise<T>,
): Promise<T> {
  const known = get();
  if (known) return known;
  const promise = task();
  set(promise);
  promise.catch(() => get() === promise && set(undefined));
  return promise;
}
