import { describe, expect, test } from "vitest";
import {
  choiceParam,
  flagParam,
  nameParam,
  numberParam,
  readParams,
  severalParam,
  textParam,
  wholeParam,
  writeParams,
} from "./params.js";

const PARAMS = {
  share: numberParam("share", 0.5, [0, 1]),
  count: wholeParam("count", 8, [1, 64]),
  seed: wholeParam<undefined>("seed", undefined, [0, 2 ** 32 - 1]),
  tab: choiceParam<"a" | "b">("tab", "a", ["a", "b"]),
  on: flagParam("on", true),
  some: severalParam<string>("some", ["x", "z"], ["x", "y", "z", "w.1"]),
  name: nameParam("name"),
  text: textParam("text", "", 10),
};
type Values = ReturnType<typeof read>;
const at = (address: string) => new URL(address, "http://localhost/path/");
const read = (address: string) => readParams(PARAMS, at(address));
const initial = read("");

function written(values: Partial<Values>, address = ""): string {
  const url = at(address);
  writeParams(PARAMS, { ...initial, ...values }, url);
  return url.search + url.hash;
}

test("what is as usual is not written", () => {
  expect(written({})).toBe("");
  expect(written({}, "?share=0.2&other=1#text=abc&duel=x")).toBe("?other=1#duel=x");
});

test.each<{ values: Partial<Values>; address: string }>([
  { values: { share: 0.05 }, address: "?share=0.05" },
  { values: { share: 0.1 + 0.2 }, address: "?share=0.3" },
  { values: { count: 64, seed: 0 }, address: "?count=64&seed=0" },
  { values: { seed: 2 ** 32 - 1 }, address: "?seed=4294967295" },
  { values: { tab: "b", on: false }, address: "?tab=b&on=no" },
  { values: { some: [] }, address: "?some=" },
  { values: { some: ["x", "w.1"] }, address: "?some=x%2Cw.1" },
  { values: { name: "model.layers.0.mlp" }, address: "?name=model.layers.0.mlp" },
  { values: { text: "é & +#=" }, address: "#text=%C3%A9%20%26%20%2B%23%3D" },
])("$address is written and read", ({ values, address }) => {
  expect(written(values)).toBe(address);
  const back = read(address);
  for (const [name, value] of Object.entries(values)) {
    const found = back[name as keyof Values];
    if (typeof value === "number") expect(found).toBeCloseTo(value, 6);
    else expect(found).toEqual(value);
  }
});

describe("an address that nobody's page wrote", () => {
  test.each([
    ...["?share=2", "?share=-0.1", "?share=1e-1", "?share=NaN", "?share=0x1", "?share=", "?share= 1", "?share=.5"],
    ...["?count=0", "?count=65", "?count=1.5", "?count=Infinity", "?count=00000000001", "?count=٣"],
    ...["?seed=4294967296", "?seed=null", "?tab=c", "?tab=constructor", "?on=true", "?on=toString"],
    ...["?some=x,q", "?some=__proto__", "?name=a%20b", "?name=%3Cscript%3E", `?name=${"a".repeat(201)}`],
    ...["#text=01234567890", "#text=%E0%A4%A", "#text", "?text=in-the-query", "?unknown=1", "#=x&&=&text"],
  ])("%s changes nothing", (address) => {
    expect(read(address)).toEqual(initial);
  });

  test("one key is judged by itself, and the first of two counts", () => {
    expect(read("?share=9&count=3&count=99")).toEqual({ ...initial, count: 3 });
  });
});

test("a text that is too long for a link is left out of it", () => {
  expect(written({ text: "0123456789" })).toBe("#text=0123456789");
  expect(written({ text: "01234567890" }, "#text=before")).toBe("");
});
