import { type MarkedOptions, marked } from "marked";

export const MARKDOWN: MarkedOptions & { async: false } = { async: false, breaks: true, gfm: true };

/**
 * Markdown of a text that grows at its end, as a model writes it. Each block becomes html once, as soon as nothing that
 * follows can change it; only the last is made anew when the text grows. Together the parts are what the whole
 * would become, but for link definitions (`[name]: address`), which reach no other part.
 */
export class GrowingMarkdown {
  readonly #render: (text: string) => string;
  #text = "";
  /** Where the part of the text begins that may still change. */
  #open = 0;
  #settled: string[] = [];
  #last = "";

  /** @param render - Makes html that is safe to show of Markdown: `renderMarkdown`. */
  constructor(render: (text: string) => string) {
    this.#render = render;
  }

  /** Html. All parts but the last stay as they are while the text grows. */
  get parts(): readonly string[] {
    return [...this.#settled, this.#last];
  }

  update(written: string): void {
    const text = written.replace(/\r\n?/g, "\n"); // as marked counts
    if (text === this.#text) return;
    if (!text.startsWith(this.#text)) {
      this.#open = 0;
      this.#settled = [];
    }
    this.#text = text;
    this.#settle();
    this.#last = this.#render(text.slice(this.#open));
  }

  /**
   * What a line belongs to is known once it is whole, and Markdown never goes back to a block after another has begun. So
   * of the whole lines, every block but the last is settled.
   */
  #settle(): void {
    const lines = this.#text.slice(this.#open, this.#text.lastIndexOf("\n") + 1);
    if (lines === "") return;
    const blocks = marked.lexer(lines, MARKDOWN);
    const last = blocks.findLastIndex(({ type }) => type !== "space");
    const length = blocks.slice(0, Math.max(0, last)).reduce((sum, { raw }) => sum + raw.length, 0);
    if (length === 0) return;
    this.#settled.push(this.#render(lines.slice(0, length)));
    this.#open += length;
  }
}
