import { css } from "lit";

export const raceStyles = css`
  :host {
    display: flex;
    flex-direction: column;
  }

  .page {
    flex: 1;
    display: flex;
    flex-direction: column;
    gap: 1.75rem;
    width: 100%;
    max-width: 76rem;
    margin: 0 auto;
    padding: 1.5rem 1.25rem 2.5rem;
  }

  h1 {
    font-size: clamp(1.7rem, 1.2rem + 2.2vw, 2.6rem);
    font-weight: 700;
    letter-spacing: -0.02em;
    line-height: 1.15;
    text-wrap: balance;
  }

  .lead {
    max-width: 60rem;
    margin-top: -0.75rem;
    font-size: 1.1rem;
  }

  .pair {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.75rem;
  }

  /* Its place is kept, so that nothing below it moves when it comes. */
  recorded-run {
    display: block;
    min-height: 24.5rem;
  }

  .explanations {
    display: grid;
    gap: 0.25rem;
    max-width: 46rem;
  }

  details {
    padding: 0.5rem 0;
    border-top: 1px solid var(--line);
  }

  summary {
    cursor: pointer;
    font-weight: 600;
  }

  details p {
    padding: 0.4rem 0 0.3rem;
  }

  .heads {
    display: grid;
    grid-auto-flow: column;
    grid-auto-columns: minmax(0, 1fr);
    gap: 1.25rem;
  }

  .change {
    justify-self: start;
    align-self: start;
    min-height: 2rem;
    padding: 0.1rem 0.7rem;
    font-size: 0.85rem;
  }

  model-tabs .heads {
    margin-bottom: 1.25rem;
  }

  .turns {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 2rem;
  }

  .dock {
    position: sticky;
    bottom: 0;
    z-index: 1;
    border-top: 1px solid var(--line);
    background: var(--paper);
  }

  prompt-box {
    display: block;
    max-width: 76rem;
    margin: 0 auto;
    padding: 0.75rem 1.25rem;
  }

  @media (min-width: 720px) {
    /* The status bar sticks below it. */
    .dock {
      bottom: 2.1rem;
    }
  }

  @media (max-width: 719px) {
    .page {
      padding-inline: 1rem;
    }

    prompt-box {
      padding: 0.6rem 1rem;
    }

    recorded-run {
      min-height: 42rem;
    }
  }
`;
