import { css } from "lit";

/** A message that stands where the race would be: what happened, and the way on. */
export const notice = css`
  section {
    max-width: 44rem;
    padding: 1.25rem 1.5rem;
    border-inline-start: 4px solid var(--warn);
    border-radius: 0 0.6rem 0.6rem 0;
    background: var(--warn-wash);
  }

  h2 {
    margin-bottom: 0.5rem;
    font-size: 1.2rem;
  }

  ul {
    margin: 0.6rem 0 0;
    padding-inline-start: 1.3em;
  }

  li {
    margin-bottom: 0.3rem;
  }

  code {
    padding: 0.1em 0.35em;
    border-radius: 0.25em;
    background: var(--paper);
    font-size: 0.9em;
    overflow-wrap: anywhere;
  }

  button {
    margin-top: 1rem;
  }

  details {
    margin-top: 0.75rem;
    font-size: 0.9rem;
  }

  summary {
    cursor: pointer;
  }
`;
