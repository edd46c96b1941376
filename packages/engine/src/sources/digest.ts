import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { inNode } from "./environment.js";

/** A hash that is fed in order. */
export interface Digest {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/**
 * The hash that an etag of the Hub is: SHA-256 for 64 digits, git's hash of a blob for 40.
 *
 * Node has its own; WebCrypto only takes a file whole, so a browser's comes from a library.
 */
export function digestFor(etag: string, size: number): Digest {
  const digest = etag.length === 64 ? start("sha256") : start("sha1");
  if (etag.length === 40) digest.update(new TextEncoder().encode(`blob ${size}\0`));
  return digest;
}

function start(algorithm: "sha256" | "sha1"): Digest {
  if (inNode()) {
    const hash = process.getBuiltinModule("node:crypto").createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
  }
  const hash = algorithm === "sha256" ? sha256.create() : sha1.create();
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
}

/** The SHA-256 of bytes that are in memory. */
export function sha256Hex(bytes: Uint8Array): string {
  const digest = start("sha256");
  digest.update(bytes);
  return digest.hex();
}
