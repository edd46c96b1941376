import { css } from "lit";

/** What both panels of the view are laid out by. */
export const panel = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 1.25rem;
  }

  label {
    display: block;
    margin-bottom: 0.35rem;
    font-weight: 600;
  }

  textarea {
    display: block;
    width: 100%;
    min-height: 5.5rem;
    padding: 0.7rem 0.9rem;
    border: 1px solid var(--control);
    border-radius: 0.6rem;
    background: var(--paper);
    resize: vertical;
  }

  .row {
    display: flex;
    flex-wrap: wrap;
    gap: 0.6rem 1rem;
    align-items: center;
  }

  .choices {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: center;
    color: var(--soft-ink);
    font-size: 0.9rem;
  }

  .choices button {
    min-height: 2rem;
    padding: 0.1rem 0.7rem;
  }

  h2 {
    font-size: 1.05rem;
  }

  .figures {
    display: flex;
    flex-wrap: wrap;
    gap: 0.9rem 2.2rem;
  }

  .figures > div {
    display: flex;
    flex-direction: column-reverse;
  }

  .figures dt {
    display: flex;
    gap: 0.4rem;
    align-items: center;
    color: var(--soft-ink);
    font-size: 0.9rem;
  }

  .figures role-badge {
    font-size: 0.75rem;
  }

  .figures dd {
    font-size: 1.45rem;
    font-weight: 650;
    line-height: 1.3;
  }

  .figures dd small {
    font-size: 0.9rem;
    font-weight: 400;
  }

  .said {
    padding: 0.6rem 1rem;
    border-inline-start: 3px solid var(--control);
    background: var(--inset);
  }

  .soft {
    color: var(--soft-ink);
    font-size: 0.9rem;
  }
`;
