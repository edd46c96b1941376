import type { Anatomy } from "@alambic/engine";
import { css, html } from "lit";
import { t } from "../i18n/index.js";
import { Localized } from "../i18n/localized.js";
import { shared } from "../parts/styles.js";
import { formatInteger } from "../text/format.js";

/** Keys of a configuration that shape the tensors, in the order in which one would explain them. */
const SHAPING = [
  ...[
    "num_hidden_layers",
    "hidden_size",
    "intermediate_size",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
  ],
  ...["vocab_size", "tie_word_embeddings", "num_local_experts", "num_experts", "num_experts_per_tok", "sliding_window"],
  ...["max_position_embeddings", "rope_theta", "rms_norm_eps", "hidden_act"],
];

/** What a parameter, a hyperparameter and a bias are, by the model that is taken apart. */
export class WordList extends Localized {
  static override properties = { anatomy: { attribute: false } };
  declare anatomy: Anatomy;

  static override styles = [
    shared,
    css`
      :host {
        display: grid;
        gap: 1rem;
        align-content: start;
        font-size: 0.95rem;
      }

      h2 {
        font-size: 1.25rem;
      }

      h3 {
        font-size: 1rem;
      }

      table {
        width: 100%;
        margin-top: 0.4rem;
        border-collapse: collapse;
        font-size: 0.8rem;
      }

      th,
      td {
        padding: 0.15rem 0.5rem 0.15rem 0;
        border-bottom: 1px solid var(--line);
        overflow-wrap: anywhere;
        text-align: start;
      }

      th {
        color: var(--soft-ink);
        font-weight: 400;
      }
    `,
  ];

  override render() {
    const { inspection, config, tensors } = this.anatomy;
    const biases = tensors.filter(({ name }) => name.endsWith(".bias")).length;
    return html`<h2>${t("inside:words.heading")}</h2>
      <div>
        <h3>${t("inside:words.parameter")}</h3>
        <p>${t("inside:words.parameterText", { parameters: formatInteger(inspection.parameters.total) })}</p>
      </div>
      <div>
        <h3>${t("inside:words.hyper")}</h3>
        <p>${t("inside:words.hyperText")}</p>
        <table>
          <tbody>
            ${SHAPING.filter((key) => isPlain(config[key])).map(
              (key) =>
                html`<tr><th scope="row"><code>${key}</code></th><td class="figure">${String(config[key])}</td></tr>`,
            )}
          </tbody>
        </table>
      </div>
      <div>
        <h3>${t("inside:words.bias")}</h3>
        <p>${biases === 0 ? t("inside:words.biasText_zero") : t("inside:words.biasText_other", { count: biases })}</p>
      </div>`;
  }
}
customElements.define("word-list", WordList);

function isPlain(value: unknown): boolean {
  return ["number", "string", "boolean"].includes(typeof value);
}
