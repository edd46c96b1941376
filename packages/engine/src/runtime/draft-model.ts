import { ShapeError } from "@alambic/kernels";
import type { ModelHandle } from "../api/types.js";
import type { ModelText } from "../text/model-text.js";
import { LoadedModel } from "./loaded-model.js";

/** Words, figures, code, accents and other scripts: tokenizers that agree on all of it agree. */
const PROBE =
  'The 1,024 tokens of “l’été” — naïve café;\n\tfor (const x of [0.5, -3e8]) { print("Привет, 世界 🙂"); }\n';

/**
 * What is behind a handle that is to be a draft.
 *
 * @throws TypeError when it is no model of this thread; {@link ShapeError} when it splits text into other tokens.
 */
export async function draftModel(draft: ModelHandle, text: ModelText): Promise<LoadedModel> {
  const loaded = await (draft as { live?: () => Promise<unknown> }).live?.();
  if (!(loaded instanceof LoadedModel)) {
    throw new TypeError(
      "A draft must be a model that was loaded here: by Model.load in this thread, or by the same connected engine.",
    );
  }
  if (text.hasTokenizer && draft.info.text) {
    const [own, other] = [text.encode(PROBE), await draft.encode(PROBE)];
    const at = own.findIndex((id, index) => id !== other[index]);
    if (at >= 0 || other.length !== own.length) {
      throw new ShapeError(
        `The draft ${draft.info.name} splits text into other tokens than the model (the first difference is token ${at < 0 ? own.length : at} of a sample). A draft must share the model's tokenizer: choose a smaller model of the same family.`,
      );
    }
  }
  return loaded;
}
