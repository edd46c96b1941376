import { describe, expect, test } from "vitest";
import { readFixture, smollm2, smollm2Files } from "../testing/tokenizers.js";
import { ChatTemplate, noChatTemplate } from "./chat-template.js";
import { ChatTemplateError } from "./errors.js";

interface Reference {
  readonly cases: { messages: { role: string; content: string }[]; prompt: string; input_ids: number[] }[];
}

const hello = [{ role: "user", content: "Hello" }];

describe.each(["smollm2-135m-instruct", "smollm2-81m-student"])("the prompts of transformers for %s", (name) => {
  const template = ChatTemplate.find({ tokenizerConfig: smollm2Files().config })!;

  test.each(readFixture<Reference>(`${name}.expected.json`).cases)("$messages", ({ messages, prompt, input_ids }) => {
    const text = template.render(messages, { bosToken: "<|im_start|>", eosToken: "<|im_end|>" });
    expect(text).toBe(prompt);
    expect(smollm2().encode(text, { addSpecialTokens: false })).toEqual(input_ids);
  });
});

describe("where a template is kept", () => {
  const say = (what: string) => `{{ '${what}' }}`;
  const rendered = (files: object, options = {}) => ChatTemplate.find(files)?.render(hello, options);

  test("nowhere: a base model", () => {
    expect(ChatTemplate.find({})).toBeUndefined();
    expect(ChatTemplate.find({ tokenizerConfig: { chat_template: null } })).toBeUndefined();
    expect(noChatTemplate("tiny")).toMatchObject({ name: "ChatTemplateError", code: "chat-template-missing" });
    expect(noChatTemplate("tiny").message).toContain("Use --prompt (generate()) with a raw text.");
  });
  test("a file of its own wins over the settings", () => {
    const tokenizerConfig = { chat_template: say("settings") };
    expect(rendered({ tokenizerConfig })).toBe("settings");
    expect(rendered({ tokenizerConfig, json: { chat_template: say("json") } })).toBe("json");
    expect(rendered({ tokenizerConfig, json: { chat_template: say("json") }, jinja: say("jinja") })).toBe("jinja");
  });
  test("a list of named templates", () => {
    const list = [
      { name: "default", template: say("default") },
      { name: "tool_use", template: "{{ tools[0].name }}" },
    ];
    expect(rendered({ tokenizerConfig: { chat_template: list } })).toBe("default");
    expect(rendered({ tokenizerConfig: { chat_template: list } }, { tools: [{ name: "clock" }] })).toBe("clock");
    expect(() => rendered({ tokenizerConfig: { chat_template: [{ name: "rag", template: "" }] } })).toThrow(
      "chat templates named rag, but none named default",
    );
  });
});

describe("what a template sees", () => {
  const render = (template: string, options = {}) =>
    new ChatTemplate(new Map([["default", template]])).render(hello, options);

  test("the special tokens, when the tokenizer has them", () => {
    expect(
      render("{{ bos_token }}{{ messages[0]['content'] }}{{ eos_token }}", { bosToken: "<s>", eosToken: "</s>" }),
    ).toBe("<s>Hello</s>");
    expect(render("[{{ bos_token }}]")).toBe("[]");
  });
  test("the generation prompt, unless it is declined", () => {
    const template = "{% if add_generation_prompt %}go{% endif %}";
    expect(render(template)).toBe("go");
    expect(render(template, { addGenerationPrompt: false })).toBe("");
  });
  test("no tools is none", () => {
    expect(render("{{ 'none' if tools is none else 'some' }}")).toBe("none");
  });
  test("blocks take their line with them", () => {
    expect(render("{% for m in messages %}\n  {% if true %}\n{{ m.content }}\n  {% endif %}\n{% endfor %}\n")).toBe(
      "Hello\n",
    );
  });
  test("dates in English, whatever the machine speaks", () => {
    const template = "{{ strftime_now('%d %b %Y') }}, {{ strftime_now('%A %-d %B, %I:%M %p') }}";
    expect(render(template, { now: new Date(2025, 1, 3, 15, 7) })).toBe("03 Feb 2025, Monday 3 February, 03:07 PM");
  });
  test("range and namespace", () => {
    const template =
      "{% set ns = namespace(sum=0) %}{% for i in range(1, 8, 3) %}{% set ns.sum = ns.sum + i %}{% endfor %}{{ ns.sum }}{{ range(2) }}{{ range(2, 0, -1) }}";
    expect(render(template)).toBe("12[0, 1][2, 1]");
  });
  test("further variables", () => {
    expect(render("{{ enable_thinking }}", { variables: { enable_thinking: false } })).toBe("false");
  });
});

describe("errors", () => {
  const failure = (run: () => unknown) => {
    try {
      run();
    } catch (error) {
      return error as ChatTemplateError;
    }
    throw new Error("nothing was thrown");
  };

  test("a template that refuses the messages speaks for itself", () => {
    const template = new ChatTemplate(new Map([["default", "{{ raise_exception('System role not supported') }}"]]));
    const error = failure(() => template.render(hello));
    expect(error).toBeInstanceOf(ChatTemplateError);
    expect(error.code).toBe("chat-template-refused");
    expect(error.message).toBe("The model's chat template refused these messages: System role not supported");
  });
  test("a template that fails on the messages", () => {
    const template = new ChatTemplate(new Map([["default", "{{ messages[0].content.nothing() }}"]]));
    expect(failure(() => template.render(hello))).toMatchObject({ code: "chat-template-broken" });
  });
  test("a template that is no Jinja", () => {
    const error = failure(() => ChatTemplate.find({ jinja: "{% for %}" }));
    expect(error.code).toBe("chat-template-broken");
    expect(error.message).toContain('The chat template "default" cannot be read');
  });
});
