import { css } from "lit";

export const recordedRun = css`
  :host {
    display: block;
  }

  .head {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem 0.9rem;
    align-items: center;
    margin-bottom: 0.9rem;
  }

  h2 {
    padding: 0.05rem 0.7rem;
    border: 1px solid currentColor;
    border-radius: 1rem;
    font-size: 0.9rem;
    font-weight: 650;
  }

  .how,
  .meaning {
    color: var(--soft-ink);
    font-size: 0.85rem;
  }

  .meaning {
    margin: -0.6rem 0 0.9rem;
  }

  select {
    flex: 0 1 30rem;
    min-width: 0;
    min-height: 2.5rem;
    padding: 0.35rem 0.6rem;
    border: 1px solid var(--control);
    border-radius: 0.8rem;
    background: var(--inset);
    text-overflow: ellipsis;
  }

  button {
    min-width: 8rem;
  }

  .answers {
    display: grid;
    grid-auto-flow: column;
    grid-auto-columns: minmax(0, 1fr);
    gap: 1.25rem;
  }

  .text {
    min-height: 6.2em;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }

  .how {
    max-width: 60rem;
    margin-top: 0.75rem;
  }

  @media (max-width: 719px) {
    select {
      flex: 1 0 100%;
      order: 1;
    }

    button {
      min-width: 0;
    }
  }
`;
