import { css } from "lit";

/** What every component shares: boxes, buttons, focus. Colours come from style.css through custom properties. */
export const shared = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }

  :host([hidden]),
  [hidden] {
    display: none !important;
  }

  button,
  input,
  textarea,
  select {
    font: inherit;
    color: inherit;
  }

  button {
    display: inline-flex;
    gap: 0.5em;
    align-items: center;
    justify-content: center;
    min-height: 2.5rem;
    padding: 0.35rem 1rem;
    border: 1px solid var(--control);
    border-radius: 0.5rem;
    background: var(--paper);
    color: var(--ink);
    cursor: pointer;
  }

  button:hover:not(:disabled) {
    background: var(--inset);
  }

  button.primary {
    border-color: var(--ink);
    background: var(--ink);
    color: var(--paper);
    font-weight: 600;
  }

  button.primary:hover:not(:disabled) {
    background: color-mix(in srgb, var(--ink) 85%, var(--paper));
  }

  button:disabled {
    cursor: default;
    opacity: 0.55;
  }

  :focus-visible {
    outline: 2px solid var(--ink);
    outline-offset: 2px;
  }

  h1,
  h2,
  h3,
  p,
  ul,
  dl,
  dd {
    margin: 0;
  }

  a {
    color: inherit;
  }

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  .figure {
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
`;

/** `.teacher` and `.student` set the colour that a part of either is drawn in. */
export const roleColours = css`
  .teacher {
    --role: var(--teacher);
    --role-wash: var(--teacher-wash);
  }

  .student {
    --role: var(--student);
    --role-wash: var(--student-wash);
  }
`;

/** A view that reads from top to bottom: heading, lead, and sections below each other in `.page`. */
export const viewPage = css`
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

  .page > * {
    min-width: 0;
  }

  h1 {
    font-size: 1.7rem;
    line-height: 1.2;
  }

  .lead {
    max-width: 46rem;
    margin-top: -0.9rem;
  }

  .said {
    padding: 0.6rem 1rem;
    border-inline-start: 3px solid var(--control);
    background: var(--inset);
    overflow-wrap: anywhere;
  }

  @media (max-width: 719px) {
    .page {
      padding-inline: 1rem;
    }
  }
`;
