import type { ModelHandle } from "@alambic/engine";

/** What decodes to a part of a character. */
const INCOMPLETE = "\uFFFD";

/**
 * The text of each token, in such a way that together they are the text: what a token adds to the text before it. One
 * that ends within a character adds nothing; the character is added by the token that completes it.
 */
export async function piecesOf(model: Pick<ModelHandle, "decode">, ids: readonly number[]): Promise<string[]> {
  const texts = await Promise.all(ids.map((_, index) => model.decode(ids.slice(0, index + 1))));
  let shown = "";
  return texts.map((text, index) => {
    if (text.endsWith(INCOMPLETE) && index < ids.length - 1) return "";
    const piece = text.slice(shown.length);
    shown = text;
    return piece;
  });
}
