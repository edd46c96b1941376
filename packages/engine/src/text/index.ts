export { ChatTemplateError, TokenizerError } from "./errors.js";
