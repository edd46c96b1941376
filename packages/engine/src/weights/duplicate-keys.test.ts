import { expect, test } from "vitest";
import { duplicateKey } from "./duplicate-keys.js";

const cases: { why: string; json: string; twice?: string }[] = [
  { why: "at the top", json: '{"a":1,"b":2,"a":3}', twice: "a" },
  { why: "inside a tensor's entry", json: '{"x":{"dtype":"F32","shape":[1,2],"dtype":"F16"}}', twice: "dtype" },
  { why: "inside an array", json: '[1,{"k":[],"k":1}]', twice: "k" },
  { why: "spelled with an escape", json: '{"a":1,"\\u0061":2}', twice: "a" },
  { why: "the empty key", json: '{"":1,"":2}', twice: "" },
  { why: "after a string full of punctuation", json: '{"a":"},{\\"a\\":[\\\\","a":2}', twice: "a" },
  { why: "a name of every object's own", json: '{"__proto__":1,"__proto__":2}', twice: "__proto__" },
  { why: "the same key in different objects", json: '{"a":{"a":{"a":1}},"b":{"a":2}}' },
  { why: "the same value twice", json: '{"a":"b","b":"b","c":["b","b"]}' },
  { why: "no object at all", json: '["a","a"]' },
  { why: "names of every object's own, once", json: '{"constructor":1,"__proto__":2}' },
];
test.each(cases)("$why", ({ json, twice }) => {
  JSON.parse(json);
  expect(duplicateKey(json)).toBe(twice);
});
