import { expect, test } from "vitest";
import { failure } from "../testing/failure.js";
import { files } from "./files.js";
import { readJson, readText } from "./source.js";

function dropped(path: string, content: string): File {
  const file = new File([content], path.split("/").at(-1)!);
  Object.defineProperty(file, "webkitRelativePath", { value: path });
  return file;
}

test("the dropped folder's name is left out of the paths", async () => {
  const source = files([dropped("SmolLM2/config.json", '{"a":1}'), dropped("SmolLM2/onnx/model.onnx", "x")]);
  expect(await readJson(source, "config.json")).toEqual({ a: 1 });
  expect(await source.size("onnx/model.onnx")).toBe(1);
  expect(await source.size("model.onnx")).toBeUndefined();
});

test("so are folders that hold nothing but another folder", async () => {
  const source = files([dropped("models/a/config.json", "{}"), dropped("models/a/model.safetensors", "x")]);
  expect(await source.size("config.json")).toBe(2);
});

test("files picked one by one have no folder", async () => {
  const source = files([new File(["{}"], "config.json")]);
  expect(await readText(source, "config.json")).toBe("{}");
  expect(source.name).toBe("the 1 chosen files");
});

test("a record's keys are paths as they are", async () => {
  const source = files({ "a/config.json": new File(["{}"], "other") });
  expect(await source.size("a/config.json")).toBe(2);
  expect(await source.size("config.json")).toBeUndefined();
});

test("ranges are exact, and errors name the file and both numbers", async () => {
  const source = files([new File([Uint8Array.of(0, 1, 2, 3, 4, 5)], "a.bin")]);
  expect(await source.read("a.bin", { start: 1, end: 4 })).toEqual(Uint8Array.of(1, 2, 3));
  expect(await failure(() => source.read("a.bin", { start: 1, end: 7 }))).toBe(
    "source-wrong-bytes: a.bin in the 1 chosen files ends at byte 6; bytes up to 7 were asked for. The file is cut short; fetch it again.",
  );
  expect(await failure(() => source.read("b.bin", { start: 0, end: 1 }))).toBe(
    "source-not-found: b.bin is not in the 1 chosen files. Check the name and that the copy is complete.",
  );
  await expect(source.read("a.bin", { start: 0, end: 1, signal: AbortSignal.abort() })).rejects.toThrow(
    expect.objectContaining({ name: "AbortError" }),
  );
});

test("two files of one name are refused", async () => {
  expect(await failure(() => files([new File(["1"], "config.json"), new File(["2"], "config.json")]))).toBe(
    "source-unknown: Two of the chosen files are called config.json. Choose the model's folder itself, so that paths tell them apart.",
  );
});
