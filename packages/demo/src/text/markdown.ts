import DOMPurify from "dompurify";
import { marked } from "marked";
import { MARKDOWN } from "./growing-markdown.js";

/**
 * What a model wrote, as html that is safe to show. Models write whatever they were trained on: only plain text marks are
 * kept. No image or other element that would fetch something, no style, no form, no script.
 */
export function renderMarkdown(text: string): string {
  return DOMPurify.sanitize(marked.parse(text, MARKDOWN), {
    ALLOWED_TAGS: [
      ...["p", "br", "hr", "strong", "em", "del", "code", "pre", "blockquote", "a"],
      ...["ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6"],
      ...["table", "thead", "tbody", "tr", "th", "td"],
    ],
    ALLOWED_ATTR: ["href", "start"],
    ALLOWED_URI_REGEXP: /^https?:/i,
  });
}

// A link in an answer must not take the conversation away with the page.
DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName !== "A") return;
  node.setAttribute("target", "_blank");
  node.setAttribute("rel", "noopener noreferrer nofollow");
});
