import { CodedError, EngineError } from "../engine-error.js";

/** The tokenizer files are missing, broken, or of a kind that is not supported. */
export class TokenizerError extends EngineError {
  constructor(message: string, options?: ErrorOptions) {
    super("tokenizer", message, options);
  }
}

export type ChatTemplateErrorCode =
  /** The checkpoint has no chat template. */
  | "chat-template-missing"
  /** The template's own text is not valid Jinja, or asks for something that is not supported. */
  | "chat-template-broken"
  /** The template itself refused the messages (`raise_exception`). */
  | "chat-template-refused";

/** Messages could not be turned into a prompt. */
export class ChatTemplateError extends CodedError<ChatTemplateErrorCode> {}
