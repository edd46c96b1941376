import { css } from "lit";

export const insideStyles = css`
  :host {
    display: block;
  }

  .page {
    display: grid;
    gap: 1.5rem;
    max-width: 76rem;
    margin: 0 auto;
    padding: 1.5rem 1.25rem 3rem;
  }

  .page > *,
  .columns > * {
    min-width: 0;
  }

  h1 {
    font-size: 1.7rem;
    line-height: 1.2;
  }

  h2 {
    font-size: 1.25rem;
    overflow-wrap: anywhere;
  }

  .lead {
    max-width: 46rem;
    margin-top: -0.9rem;
  }

  .reading:empty {
    display: none;
  }

  .family {
    color: var(--soft-ink);
    font-size: 0.9rem;
    font-weight: 400;
  }

  .said {
    padding: 0.6rem 1rem;
    border-inline-start: 3px solid var(--control);
    background: var(--inset);
    overflow-wrap: anywhere;
  }

  .summary {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 2rem;
    margin-top: 0.4rem;
  }

  .summary > div {
    display: flex;
    flex-direction: column-reverse;
  }

  .summary dd {
    font-size: 1.2rem;
    font-weight: 700;
  }

  .summary dt {
    color: var(--soft-ink);
    font-size: 0.85rem;
  }

  .columns {
    display: grid;
    grid-template-columns: minmax(0, 17rem) minmax(0, 1fr);
    gap: 2rem;
  }

  .map {
    display: grid;
    gap: 1.5rem;
  }

  @media (max-width: 859px) {
    .columns {
      grid-template-columns: minmax(0, 1fr);
    }

    word-list {
      order: 1;
    }
  }

  @media (max-width: 719px) {
    .page {
      padding-inline: 1rem;
    }
  }
`;
