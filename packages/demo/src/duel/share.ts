import type { Contender, Duel, DuelAnswer } from "./duel.js";

/** A shared duel is text that anyone may have written. More than this is nobody's duel. */
const LARGEST = 256 * 1024;
const VERSION = 1;

/** A shared duel's key in the fragment of the address. */
export const FRAGMENT_KEY = "duel";

/**
 * A duel as part of an address: the texts and the names, no vote (who opens it votes for themselves) and nothing measured.
 * Meant for what follows the `#`, which browsers do not send to the server.
 */
export async function encodeDuel({ prompt, answers }: Duel): Promise<string> {
  const seat = ({ contender, text, tokens }: DuelAnswer) => [contender.name, contender.parameters, tokens, text];
  const json = JSON.stringify([VERSION, prompt, seat(answers.a), seat(answers.b)]);
  const packed = new Blob([json]).stream().pipeThrough(new CompressionStream("deflate-raw"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** `undefined` for what is no duel, or too large for one. */
export async function decodeDuel(encoded: string): Promise<Duel | undefined> {
  if (encoded.length > LARGEST || !/^[\w-]+$/.test(encoded)) return undefined;
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    return duelOf(JSON.parse(await inflate(bytes)));
  } catch {
    return undefined;
  }
}

/** Stops at LARGEST: a few bytes can unpack to gigabytes. */
async function inflate(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    text += decoder.decode(value, { stream: true });
    if (text.length > LARGEST) {
      await reader.cancel();
      throw new RangeError("too large");
    }
  }
}

function duelOf(value: unknown): Duel | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [version, prompt, ...seats] = value as unknown[];
  const [a, b] = seats.map(answerOf);
  if (version !== VERSION || typeof prompt !== "string" || !a || !b) return undefined;
  return { prompt, answers: { a, b } };
}

function answerOf(value: unknown): DuelAnswer | undefined {
  if (!Array.isArray(value) || value.length !== 4) return undefined;
  const [name, parameters, tokens, text] = value as unknown[];
  if (typeof name !== "string" || name.length > 200 || typeof text !== "string") return undefined;
  if (!isCount(parameters) || !isCount(tokens)) return undefined;
  const contender: Contender = { name, parameters };
  return { contender, text, tokens };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
