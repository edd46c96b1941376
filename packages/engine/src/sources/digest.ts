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
export async function digestFor(etag: string, size: number): Promise<Digest> {
  const digest = await start(etag.length === 64 ? "sha256" : "sha1");
  if (etag.length === 40) digest.update(new TextEncoder().encode(`blob ${size}\0`));
  return digest;
}

async function start(algorithm: "sha256" | "sha1"): Promise<Digest> {
  if (inNode()) {
    const hash = process.getBuiltinModule("node:crypto").createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest("hex") };
  }
  const create =
    algorithm === "sha256"
      ? (await import("@noble/hashes/sha2.js")).sha256
      : (await import("@noble/hashes/legacy.js")).sha1;
  const hash = create.create();
  return { update: (bytes) => void hash.update(bytes), hex: () => hexOf(hash.digest()) };
}

/** The SHA-256 of bytes that are in memory. Unlike WebCrypto's it works on pages that are no secure context. */
export async function sha256Hex(bytes: Uint8Array): Promise<string> {
  const digest = await start("sha256");
  digest.update(bytes);
  return digest.hex();
}

/** Bytes as hexadecimal digits. */
export function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
