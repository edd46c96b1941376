import { css } from "lit";

/** How a model's Markdown looks. Whatever it writes stays within its column. */
export const answerText = css`
  .text {
    overflow-wrap: anywhere;
    min-height: 1.5em;
  }

  .text > :first-child {
    margin-top: 0;
  }

  .text > :last-child {
    margin-bottom: 0;
  }

  .text :is(p, ul, ol, pre, blockquote, table) {
    margin: 0.6em 0;
  }

  .text :is(ul, ol) {
    padding-inline-start: 1.4em;
  }

  .text li > p:first-child {
    margin-top: 0;
  }

  .text :is(h1, h2, h3, h4, h5, h6) {
    display: block;
    margin: 0.8em 0 0.3em;
    color: inherit;
    font-size: 1.05em;
    font-weight: 650;
  }

  .text pre {
    padding: 0.7em 0.9em;
    border-radius: 0.4em;
    background: color-mix(in srgb, var(--ink) 7%, transparent);
    white-space: pre-wrap;
  }

  .text code {
    font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace;
    font-size: 0.9em;
  }

  .text :is(th, td) {
    padding: 0.2em 0.6em;
    border: 1px solid var(--line);
  }

  .text blockquote {
    padding-inline-start: 0.9em;
    border-inline-start: 3px solid var(--line);
  }
`;
