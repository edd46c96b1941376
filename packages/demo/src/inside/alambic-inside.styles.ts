import { css } from "lit";

export const insideStyles = css`
  .page > *,
  .columns > * {
    min-width: 0;
  }

  h2 {
    font-size: 1.25rem;
    overflow-wrap: anywhere;
  }

  .reading:empty {
    display: none;
  }

  .family {
    color: var(--soft-ink);
    font-size: 0.9rem;
    font-weight: 400;
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
`;
