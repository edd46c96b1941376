import { css } from "lit";

/**
 * Tokens by class: `kl-0` to `kl-5` by how far the models are apart, in ink alone because the two colours mean the two
 * models; `accepted` and `corrected` in the model's colour. Never the shade alone: a line below grows with it, is
 * dashed where first choices differ, double where a token was corrected.
 */
export const tokenStyles = css`
  .kl-1,
  .kl-2,
  .kl-3,
  .kl-4,
  .kl-5 {
    background: color-mix(in srgb, var(--ink) var(--shade), var(--paper));
    border-bottom: var(--line-width) solid var(--soft-ink);
  }

  .kl-0 {
    --line-width: 1px;
  }

  .kl-1 {
    --shade: 5%;
    --line-width: 1px;
  }

  .kl-2 {
    --shade: 11%;
    --line-width: 2px;
  }

  .kl-3 {
    --shade: 18%;
    --line-width: 3px;
  }

  .kl-4 {
    --shade: 25%;
    --line-width: 4px;
  }

  .kl-5 {
    --shade: 33%;
    --line-width: 5px;
  }

  .apart {
    border-bottom: max(2px, var(--line-width)) dashed var(--ink);
  }

  .first::before {
    content: "◆";
    margin-inline-end: 0.15em;
    font-size: 0.75em;
    vertical-align: 0.1em;
  }

  .accepted {
    background: var(--student-wash);
    border-bottom: 2px solid var(--student);
  }

  .corrected {
    background: var(--teacher-wash);
    border-bottom: 4px double var(--teacher);
  }

  .added {
    border-bottom: 2px dotted var(--teacher);
  }
`;
