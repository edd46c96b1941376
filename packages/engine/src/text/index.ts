export { ChatTemplate, type ChatTemplateFiles, noChatTemplate, type RenderOptions } from "./chat-template.js";
export { Detokenizer } from "./detokenizer.js";
export { type EndTokenFiles, endTokenIds } from "./end-tokens.js";
export { ChatTemplateError, type ChatTemplateErrorCode, TokenizerError } from "./errors.js";
export { type StopStep, StopStrings } from "./stop.js";
export { type DecodeOptions, type EncodeOptions, Tokenizer } from "./tokenizer.js";
