import { CheckpointError } from "../errors.js";
import { BITS, type Dtype, isDtype } from "./dtype.js";
import { duplicateKey } from "./duplicate-keys.js";

/** The format's own limit. */
export const MAX_HEADER_BYTES = 100_000_000;

/** One tensor of a safetensors file. */
export interface TensorInfo {
  readonly name: string;
  readonly dtype: Dtype;
  /** Row-major; empty for a single number. */
  readonly shape: readonly number[];
  readonly file: string;
  /** First byte in the file, counted from the file's own start. */
  readonly start: number;
  /** One past the last byte. */
  readonly end: number;
}

/**
 * The header's length from a file's first eight bytes, checked before anything is allocated for it.
 *
 * @throws {@link CheckpointError} when it is past the format's limit or the file's end.
 */
export function headerLength(file: string, first8: Uint8Array, fileBytes: number): number {
  if (first8.length < 8) {
    throw new CheckpointError(
      "checkpoint-cut",
      `${file} has ${fileBytes} bytes; a safetensors file has at least 10. The download was cut short; fetch it again.`,
    );
  }
  const length = new DataView(first8.buffer, first8.byteOffset, 8).getBigUint64(0, true);
  if (length > MAX_HEADER_BYTES) {
    throw broken(file, `claims a header of ${length} bytes; the format allows ${MAX_HEADER_BYTES}`);
  }
  if (8 + Number(length) > fileBytes) {
    throw new CheckpointError(
      "checkpoint-cut",
      `${file} has ${fileBytes} bytes; its header alone takes ${8n + length}. The download was cut short; fetch it again.`,
    );
  }
  return Number(length);
}

/**
 * Every tensor that a header describes. Follows the format to the letter: types and shapes agree with the byte ranges,
 * which cover the rest of the file without holes or overlap.
 *
 * @param header - The bytes after the first eight.
 * @throws {@link CheckpointError} naming the file, the tensor and both numbers.
 */
export function parseHeader(file: string, header: Uint8Array, fileBytes: number): TensorInfo[] {
  const dataStart = 8 + header.length;
  const tensors: TensorInfo[] = [];
  for (const [name, entry] of Object.entries(parseObject(file, header))) {
    if (name === "__metadata__") checkMetadata(file, entry);
    else tensors.push(tensorInfo(file, name, entry, dataStart));
  }
  checkCoverage(file, tensors, dataStart, fileBytes);
  return tensors;
}

function parseObject(file: string, header: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(header);
  } catch {
    throw broken(file, "has a header that is not UTF-8 text");
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw broken(file, `has a header that is not JSON (${(cause as Error).message})`);
  }
  if (!isRecord(value)) throw broken(file, "has a header that is not a JSON object");
  const twice = duplicateKey(text);
  if (twice !== undefined) throw broken(file, `names ${JSON.stringify(twice)} twice in its header`);
  return value;
}

function checkMetadata(file: string, metadata: unknown): void {
  const legal = isRecord(metadata) && Object.values(metadata).every((value) => typeof value === "string");
  if (!legal) throw broken(file, "has a __metadata__ that is not a map of strings");
}

function tensorInfo(file: string, name: string, entry: unknown, dataStart: number): TensorInfo {
  if (!isRecord(entry)) throw broken(file, `describes ${name} by ${brief(entry)}; an object was expected`);
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) throw broken(file, `gives ${name} the unknown dtype ${brief(dtype)}`);
  if (!isLengths(shape)) throw broken(file, `gives ${name} the shape ${brief(shape)}; whole numbers were expected`);
  if (!isLengths(offsets) || offsets.length !== 2) {
    throw broken(file, `gives ${name} the data_offsets ${brief(offsets)}; [start, end] was expected`);
  }
  const [start, end] = offsets as [number, number];
  const bits = shape.reduce((product, length) => product * length, BITS[dtype]);
  if (!Number.isSafeInteger(bits))
    throw broken(file, `gives ${name} the shape [${shape}], which is too large to exist`);
  if (bits % 8 !== 0)
    throw broken(file, `gives ${name} ${bits} bits as ${dtype} [${shape}]; whole bytes were expected`);
  if (end - start !== bits / 8) {
    throw broken(file, `gives ${name} the bytes ${start} to ${end}; ${dtype} [${shape}] takes ${bits / 8} bytes`);
  }
  return { name, dtype, shape, file, start: dataStart + start, end: dataStart + end };
}

function checkCoverage(file: string, tensors: readonly TensorInfo[], dataStart: number, fileBytes: number): void {
  let at = dataStart;
  for (const { name, start, end } of tensors.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (start !== at) {
      const fault = start < at ? "overlaps the tensor before it" : "leaves a hole before it";
      throw broken(
        file,
        `begins ${name} at data offset ${start - dataStart}, which ${fault}; ${at - dataStart} was expected`,
      );
    }
    at = end;
  }
  if (fileBytes < at) {
    throw new CheckpointError(
      "checkpoint-cut",
      `${file} has ${fileBytes} bytes; its header describes ${at}. The download was cut short; fetch it again.`,
    );
  }
  if (fileBytes > at) throw broken(file, `has ${fileBytes} bytes; its header describes ${at}`);
}

function broken(file: string, fault: string): CheckpointError {
  return new CheckpointError(
    "checkpoint-header",
    `${file} ${fault}. The file is damaged or not safetensors; fetch it again or export the model anew.`,
  );
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLengths(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((length) => Number.isSafeInteger(length) && length >= 0);
}

/** A source that did not keep its promise to give exactly the bytes asked for. */
export function wrongLength(
  source: { readonly name: string },
  file: string,
  expected: number,
  found: number,
): CheckpointError {
  return new CheckpointError(
    "checkpoint-cut",
    `${source.name} gave ${found} bytes of ${file}; ${expected} were asked for. The file changed while it was read; load again.`,
  );
}
