import { css } from "lit";

/** Shades of ink for the sections of a model: copper and green are the two models', everywhere. */
export const sectionShades = css`
  i.embedding,
  button.embedding,
  button.embedding:hover:not(:disabled) {
    background: color-mix(in srgb, var(--ink) 14%, var(--paper));
  }

  i.attention,
  button.attention,
  button.attention:hover:not(:disabled) {
    background: repeating-linear-gradient(
      45deg,
      color-mix(in srgb, var(--ink) 62%, var(--paper)) 0 3px,
      color-mix(in srgb, var(--ink) 48%, var(--paper)) 3px 6px
    );
  }

  i.mlp,
  button.mlp,
  button.mlp:hover:not(:disabled) {
    background: color-mix(in srgb, var(--ink) 32%, var(--paper));
  }

  i.experts,
  button.experts,
  button.experts:hover:not(:disabled) {
    background: repeating-linear-gradient(
      0deg,
      color-mix(in srgb, var(--ink) 34%, var(--paper)) 0 5px,
      color-mix(in srgb, var(--ink) 24%, var(--paper)) 5px 10px
    );
  }

  i.norm,
  button.norm,
  button.norm:hover:not(:disabled) {
    background: var(--ink);
  }
`;
