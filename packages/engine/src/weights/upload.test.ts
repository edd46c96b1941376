import { mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { type Gpu, type Matrix, matrixTensors, sizeOf } from "@alambic/kernels";
import { expect, test } from "vitest";
import { nodeFolder } from "../sources/node-fs.js";
import { readJson } from "../sources/source.js";
import { describeWeight } from "../testing/describe.js";
import { failure } from "../testing/failure.js";
import { fixture } from "../testing/fixtures.js";
import { testGpu } from "../testing/gpu.js";
import { bytesOf, folder, safetensors, type TensorData, withHeader } from "../testing/safetensors.js";
import { type Checkpoint, openCheckpoint } from "./safetensors.js";
import { type UploadMatrixOptions, uploadedForm, uploadMatrix, uploadVector } from "./upload.js";

/** The numbers of a matrix on the GPU, decoded here from what was read back. Padding columns must be zero bits. */
async function readMatrix(gpu: Gpu, { shape: [n, k], form, blocks }: Matrix): Promise<Float64Array> {
  const result = new Float64Array(n * k);
  for (const { firstRow, rows, values, groups } of blocks) {
    const raw = bytesOf(await gpu.buffers.read(values));
    const view = new DataView(raw.buffer);
    const groupView = groups && new DataView((await gpu.buffers.read(groups)).buffer);
    const bits = { f32: 32, f16: 16, bf16: 16, int8: 8, int4: 4 }[form.kind];
    const columns = Math.ceil(k / 8) * 8;
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) {
        const at = row * columns + column;
        const stored =
          bits === 4
            ? (view.getUint8(at >> 1) >> (4 * (at & 1))) & 15
            : bits === 8
              ? view.getUint8(at)
              : bits === 16
                ? view.getUint16(2 * at, true)
                : view.getUint32(4 * at, true);
        if (column >= k) {
          expect(stored, `padding at [${row}, ${column}]`).toBe(0);
          continue;
        }
        let value: number;
        if ("groupSize" in form) {
          const group = row * Math.ceil(k / form.groupSize) + Math.floor(column / form.groupSize);
          const size = form.groupType === "f32" ? 4 : 2;
          const scale = decode(groupView!, 2 * size * group, form.groupType as "f32" | "f16" | "bf16");
          value =
            scale * stored + decode(groupView!, 2 * size * group + size, form.groupType as "f32" | "f16" | "bf16");
        } else {
          value = decode(view, (at * bits) / 8, form.kind as "f32" | "f16" | "bf16");
        }
        result[(firstRow + row) * k + column] = value;
      }
    }
  }
  return result;
}

function decode(view: DataView, at: number, type: "f32" | "f16" | "bf16"): number {
  if (type === "f32") return view.getFloat32(at, true);
  const bits = view.getUint16(at, true);
  if (type === "bf16") {
    const wide = new DataView(new ArrayBuffer(4));
    wide.setUint32(0, bits * 65_536);
    return wide.getFloat32(0);
  }
  const exponent = (bits & 0x7c00) / 1024;
  const magnitude = exponent ? 2 ** (exponent - 25) * (1024 + (bits & 1023)) : 2 ** -24 * (bits & 1023);
  return bits & 0x8000 ? -magnitude : magnitude;
}

/** The same numbers straight from the file, by the format's own definition. */
async function readFixture(checkpoint: Checkpoint, module: string, bits: number, group: number): Promise<Float64Array> {
  const view = async (name: string) => {
    const info = checkpoint.tensors.get(name)!;
    return new DataView((await checkpoint.readBytes(info, 0, info.end - info.start)).slice().buffer);
  };
  const weight = await view(`${module}.weight`);
  if (bits === 16) return Float64Array.from({ length: weight.byteLength / 2 }, (_, i) => decode(weight, 2 * i, "bf16"));
  const [scales, biases] = [await view(`${module}.scales`), await view(`${module}.biases`)];
  return Float64Array.from({ length: (8 * weight.byteLength) / bits }, (_, i) => {
    const word = weight.getUint32(4 * Math.floor((i * bits) / 32), true);
    const q = Math.floor(word / 2 ** ((i * bits) % 32)) % 2 ** bits;
    const at = 2 * Math.floor(i / group); // every row holds whole groups
    return decode(scales, at, "f16") * q + decode(biases, at, "f16");
  });
}

const fixtures = [
  { name: "llama-tied", bits: 16, group: 0 },
  { name: "llama3-rope", bits: 16, group: 0 },
  { name: "mlx-4bit-g64", bits: 4, group: 64 },
  { name: "mlx-8bit-g32", bits: 8, group: 32 },
];
test.each(fixtures)("$name arrives number for number", async ({ name, bits, group }) => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const source = nodeFolder(fixture(name));
  const config = (await readJson(source, "config.json")) as Record<string, number>;
  const checkpoint = await openCheckpoint(source);
  const { vocab_size = 0, hidden_size = 0, intermediate_size = 0 } = config;
  for (const [module, shape] of [
    ["model.embed_tokens", [vocab_size, hidden_size]],
    ["model.layers.1.mlp.down_proj", [hidden_size, intermediate_size]],
  ] as const) {
    let read = 0;
    const description = await describeWeight(checkpoint, module, shape, config);
    const matrix = await uploadMatrix(gpu, checkpoint, description, {
      quantize: bits === 16 ? "none" : "int4", // an already quantised one stays as it is
      onBytes: (bytes) => {
        read += bytes;
      },
    });
    expect(matrix.form).toEqual(description.form);
    expect(await readMatrix(gpu, matrix)).toEqual(await readFixture(checkpoint, module, bits, group));
    expect(read).toBe(Object.values(description.tensors).reduce((sum, { start, end }) => sum + end - start, 0));
    gpu.buffers.dispose(...matrixTensors(matrix));
  }
  expect(gpu.buffers.bytes).toBe(before);
});

/** Small whole numbers and halves, which every type holds exactly; they repeat after 251. */
const numberAt = (i: number) => ((i * 37) % 251) / 2 - 60;

function plainTensor(dtype: "F32" | "F16" | "BF16", n: number, k: number): TensorData {
  const size = dtype === "F32" ? 4 : 2;
  const period = new Uint8Array(251 * size);
  for (let i = 0; i < 251; i++) period.set(encode(numberAt(i), dtype), size * i);
  const data = new Uint8Array(size * n * k);
  for (let at = 0; at < data.length; at += period.length) data.set(period.subarray(0, data.length - at), at);
  return { dtype, shape: [n, k], data };
}

/** Little-endian bytes of a number that the type holds exactly and that is not subnormal. */
function encode(value: number, dtype: "F32" | "F16" | "BF16"): Uint8Array {
  const f32 = new DataView(new ArrayBuffer(4));
  f32.setFloat32(0, value, true);
  const bits = f32.getUint32(0, true);
  if (dtype === "F32") return bytesOf(f32);
  const exponent = ((bits >>> 23) & 255) - 127 + 15;
  const f16 = ((bits >>> 16) & 0x8000) | (value === 0 ? 0 : (exponent << 10) | ((bits >>> 13) & 1023));
  const half = dtype === "BF16" ? bits >>> 16 : f16;
  return Uint8Array.of(half & 255, half >>> 8);
}

const checkpointOf = (tensors: Record<string, TensorData>) =>
  openCheckpoint(folder({ "model.safetensors": safetensors(tensors) }));

/** A device that binds less, so that small matrices already have to be split. */
function binding(gpu: Gpu, maxStorageBufferBindingSize: number): Gpu {
  const device = new Proxy(gpu.device, {
    get: (target, key) =>
      key === "limits" ? { maxStorageBufferBindingSize, maxBufferSize: 2 ** 28 } : Reflect.get(target, key, target),
  });
  return Object.create(gpu, { device: { value: device } });
}

const plainCases = [
  { why: "one number", dtype: "F32" as const, n: 1, k: 1 },
  { why: "rows that are padded", dtype: "BF16" as const, n: 5, k: 13 },
  { why: "rows of an odd number of bytes' pairs", dtype: "F16" as const, n: 3, k: 7 },
  { why: "f32, padded", dtype: "F32" as const, n: 3, k: 9 },
  { why: "full rows, at an odd place in the file", dtype: "BF16" as const, n: 131, k: 64 },
  { why: "several blocks, the last one short", dtype: "F16" as const, n: 130, k: 21, limit: 48 * 50 },
];
test.each(plainCases)("plain $dtype: $why ($n × $k)", async ({ dtype, n, k, limit }) => {
  const gpu = await testGpu();
  const checkpoint = await checkpointOf({
    odd: { dtype: "U8", shape: [3], data: new Uint8Array(3) },
    "m.weight": plainTensor(dtype, n, k),
  });
  const description = await describeWeight(checkpoint, "m", [n, k], {});
  const matrix = await uploadMatrix(limit ? binding(gpu, limit) : gpu, checkpoint, description, { quantize: "none" });
  expect(matrix.blocks.length).toBe(limit ? 3 : 1);
  expect(await readMatrix(gpu, matrix)).toEqual(Float64Array.from({ length: n * k }, (_, i) => numberAt(i)));
  gpu.buffers.dispose(...matrixTensors(matrix));
});

test("a matrix of several slices", async () => {
  const gpu = await testGpu();
  const [n, k] = [9000, 1003]; // 17 MiB of f16, padded: five slices
  const checkpoint = await checkpointOf({ "m.weight": plainTensor("F16", n, k) });
  const reads: number[] = [];
  const matrix = await uploadMatrix(gpu, checkpoint, await describeWeight(checkpoint, "m", [n, k], {}), {
    quantize: "none",
    onBytes: (bytes) => reads.push(bytes),
  });
  expect(reads.length).toBe(5);
  expect(Math.max(...reads)).toBeLessThanOrEqual(4 * 2 ** 20);
  const words = bytesOf(await gpu.buffers.read(matrix.blocks[0]!.values));
  const view = new DataView(words.buffer);
  for (const row of [0, 1, 2048, 2049, 4100, 8191, 8192, n - 1]) {
    const found = Array.from({ length: 1008 }, (_, column) => decode(view, 2 * (row * 1008 + column), "f16"));
    expect(found).toEqual(Array.from({ length: 1008 }, (_, column) => (column < k ? numberAt(row * k + column) : 0)));
  }
  gpu.buffers.dispose(...matrixTensors(matrix));
});

const mlxScales = ["F16", "BF16", "F32"] as const;
test.each(mlxScales)("MLX with scales in %s, in several blocks", async (dtype) => {
  const gpu = await testGpu();
  const [n, k, group] = [70, 96, 32];
  const words = Uint32Array.from({ length: (n * k) / 8 }, (_, i) => Math.imul(i + 1, 2_654_435_761));
  const checkpoint = await checkpointOf({
    "m.weight": { dtype: "U32", shape: [n, k / 8], data: bytesOf(words) },
    "m.scales": { ...plainTensor(dtype, n, k / group) },
    "m.biases": { ...plainTensor(dtype, n, k / group), data: plainTensor(dtype, n, k / group).data.toReversed() },
  });
  const description = await describeWeight(checkpoint, "m", [n, k], { quantization: { group_size: group, bits: 4 } });
  const matrix = await uploadMatrix(binding(gpu, 32 * 48), checkpoint, description, { quantize: "none" });
  expect(matrix.blocks.map(({ rows }) => rows)).toEqual([32, 32, 6]);
  const size = dtype === "F32" ? 4 : 2;
  const biases = new DataView(plainTensor(dtype, n, k / group).data.toReversed().buffer);
  const type = dtype.toLowerCase() as "f32" | "f16" | "bf16";
  const expected = Float64Array.from({ length: n * k }, (_, i) => {
    const at = Math.floor(i / group);
    return numberAt(at) * ((words[i >> 3]! >>> (4 * (i & 7))) & 15) + decode(biases, size * at, type);
  });
  expect(await readMatrix(gpu, matrix)).toEqual(expected);
  gpu.buffers.dispose(...matrixTensors(matrix));
});

const quantised = [
  { why: "one short group", dtype: "BF16" as const, n: 3, k: 24, quantize: "int4" as const },
  { why: "a short last group and padding", dtype: "F16" as const, n: 70, k: 203, quantize: "int4" as const },
  { why: "f32 to 8 bits", dtype: "F32" as const, n: 5, k: 128, quantize: "int8" as const },
  { why: "groups of 32", dtype: "BF16" as const, n: 65, k: 96, quantize: "int4" as const, groupSize: 32 },
  {
    why: "several blocks of several slices",
    dtype: "F16" as const,
    n: 300,
    k: 64,
    quantize: "int4" as const,
    limit: 128 * 64,
  },
];
test.each(quantised)(
  "quantising $dtype to $quantize: $why ($n × $k)",
  async ({ dtype, n, k, quantize, groupSize, limit }) => {
    const gpu = await testGpu();
    const before = gpu.buffers.bytes;
    const checkpoint = await checkpointOf({ "m.weight": plainTensor(dtype, n, k) });
    const description = await describeWeight(checkpoint, "m", [n, k], {});
    const options: UploadMatrixOptions = { quantize, ...(groupSize && { groupSize }) };
    const matrix = await uploadMatrix(limit ? binding(gpu, limit) : gpu, checkpoint, description, options);
    expect(matrix.form).toEqual({ kind: quantize, groupSize: groupSize ?? 64, groupType: "f16" });
    expect(matrix.form).toEqual(uploadedForm(description, options));
    const found = await readMatrix(gpu, matrix);
    const levels = quantize === "int4" ? 15 : 255;
    // Numbers lie in [-60, 65]: half a step of the widest grid, and the rounding of scale and offset to f16.
    const bound = (125 / levels) * 0.5 + 0.1;
    const worst = found.reduce((most, value, i) => Math.max(most, Math.abs(value - numberAt(i))), 0);
    const squares = found.reduce((sum, value, i) => sum + (value - numberAt(i)) ** 2, 0);
    expect(squares / found.length).toBeLessThan(bound ** 2 / 2);
    expect(worst).toBeLessThan(2 * bound);
    gpu.buffers.dispose(...matrixTensors(matrix));
    expect(gpu.buffers.bytes).toBe(before);
  },
);

test("vectors are widened exactly", async () => {
  const gpu = await testGpu();
  for (const dtype of ["F32", "F16", "BF16"] as const) {
    const { data } = plainTensor(dtype, 1, 37);
    const checkpoint = await checkpointOf({ "norm.weight": { dtype, shape: [37], data } });
    let read = 0;
    const vector = await uploadVector(gpu, checkpoint, "norm.weight", 37, {
      onBytes: (bytes) => {
        read += bytes;
      },
    });
    expect(vector.shape).toEqual([37]);
    expect(await gpu.buffers.read(vector)).toEqual(Float32Array.from({ length: 37 }, (_, i) => numberAt(i)));
    expect(read).toBe(data.length);
    gpu.buffers.dispose(vector);
  }
});

test("a vector that is missing, of another length, or of no float type", async () => {
  const gpu = await testGpu();
  const before = gpu.buffers.bytes;
  const checkpoint = await checkpointOf({
    a: { dtype: "F32", shape: [2], data: new Uint8Array(8) },
    b: { dtype: "I32", shape: [2], data: new Uint8Array(8) },
  });
  expect(await failure(() => uploadVector(gpu, checkpoint, "c", 2))).toContain("checkpoint-missing-tensor: ");
  expect(await failure(() => uploadVector(gpu, checkpoint, "a", 3))).toBe(
    "checkpoint-shape: a is [2]; [3] was expected from config.json. Config and weights are of different models.",
  );
  expect(await failure(() => uploadVector(gpu, checkpoint, "b", 2))).toContain(
    "checkpoint-dtype: b is I32; F32, F16 or BF16 was expected.",
  );
  expect(gpu.buffers.bytes).toBe(before);
});

/** A checkpoint whose n-th read and those after it meet with a failure. */
function failingAt(checkpoint: Checkpoint, nth: number, fail: () => void): Checkpoint {
  let reads = 0;
  return {
    ...checkpoint,
    readBytes: (tensor, start, end, options) => {
      if (++reads >= nth) fail();
      return checkpoint.readBytes(tensor, start, end, options);
    },
  };
}

const half = [
  { why: "plain", quantize: "none" as const },
  { why: "quantising", quantize: "int4" as const },
];
test.each(half)("an abort half way gives everything back: $why", async ({ quantize }) => {
  const gpu = await testGpu();
  const { bytes, count } = gpu.buffers;
  const file = safetensors({ "m.weight": plainTensor("BF16", 300, 64) }); // three blocks
  const controller = new AbortController();
  const reason = new Error("enough");
  const whole = await openCheckpoint(folder({ "model.safetensors": file }));
  const checkpoint = failingAt(whole, 2, () => controller.abort(reason));
  const description = await describeWeight(checkpoint, "m", [300, 64], {});
  let read = 0;
  const upload = uploadMatrix(binding(gpu, quantize === "none" ? 12_800 : 3200), checkpoint, description, {
    quantize,
    signal: controller.signal,
    onBytes: (more) => {
      read += more;
    },
  });
  await expect(upload).rejects.toBe(reason);
  expect(read).toBeGreaterThan(0);
  expect({ bytes: gpu.buffers.bytes, count: gpu.buffers.count }).toEqual({ bytes, count });
});

test("a file that vanishes half way gives everything back too", async () => {
  const gpu = await testGpu();
  const { bytes, count } = gpu.buffers;
  const whole = await openCheckpoint(nodeFolder(fixture("mlx-4bit-g64")));
  const checkpoint = failingAt(whole, 2, () => {
    throw new Error("unplugged");
  });
  const description = await describeWeight(checkpoint, "lm_head", [512, 128], {
    quantization: { group_size: 64, bits: 4 },
  });
  await expect(uploadMatrix(gpu, checkpoint, description, { quantize: "none" })).rejects.toThrow("unplugged");
  expect({ bytes: gpu.buffers.bytes, count: gpu.buffers.count }).toEqual({ bytes, count });
});

test("bytes at an odd place in memory are no trouble", async () => {
  const gpu = await testGpu();
  const whole = await openCheckpoint(nodeFolder(fixture("mlx-4bit-g64")));
  const checkpoint: Checkpoint = {
    ...whole,
    readBytes: async (tensor, start, end) => {
      const room = new Uint8Array(end - start + 1);
      room.set(await whole.readBytes(tensor, start, end), 1);
      return room.subarray(1);
    },
  };
  const description = await describeWeight(checkpoint, "lm_head", [512, 128], {
    quantization: { group_size: 64, bits: 4 },
  });
  const matrix = await uploadMatrix(gpu, checkpoint, description, { quantize: "none" });
  expect(await readMatrix(gpu, matrix)).toEqual(await readFixture(checkpoint, "lm_head", 4, 64));
  expect(matrixTensors(matrix).map(sizeOf)).toEqual([512 * 64, 512 * 2 * 4]);
  gpu.buffers.dispose(...matrixTensors(matrix));
});

test("the host holds a few slices of a large matrix, never all of it", async () => {
  const gpu = await testGpu();
  const [n, k] = [49_152, 1024]; // 96 MiB of bf16
  const folder = await mkdtemp(`${tmpdir()}/alambic-`);
  try {
    const header = JSON.stringify({ "m.weight": { dtype: "BF16", shape: [n, k], data_offsets: [0, 2 * n * k] } });
    await writeFile(`${folder}/model.safetensors`, withHeader(header));
    await truncate(`${folder}/model.safetensors`, 8 + header.length + 2 * n * k); // zeros that take no room
    const checkpoint = await openCheckpoint(nodeFolder(folder));
    const held = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = held();
    let most = 0;
    let read = 0;
    const matrix = await uploadMatrix(gpu, checkpoint, await describeWeight(checkpoint, "m", [n, k], {}), {
      quantize: "none",
      onBytes: (bytes) => {
        read += bytes;
        most = Math.max(most, held() - before);
      },
    });
    expect(read).toBe(2 * n * k);
    expect(most).toBeLessThan(64 * 2 ** 20);
    gpu.buffers.dispose(...matrixTensors(matrix));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("and the same of one that GPTQ packed, whose columns are brought in order", async () => {
  const gpu = await testGpu();
  const [n, k, groupSize] = [16_384, 2048, 128];
  const folder = await mkdtemp(`${tmpdir()}/alambic-`);
  try {
    const shapes = {
      g_idx: ["I32", [k]],
      qweight: ["I32", [k / 8, n]],
      qzeros: ["I32", [k / 128, n / 8]],
      scales: ["F16", [k / 128, n]],
    } as const;
    let at = 0;
    const header: Record<string, unknown> = {};
    for (const [name, [dtype, shape]] of Object.entries(shapes)) {
      const bytes = shape.reduce<number>((product, length) => product * length, dtype === "F16" ? 2 : 4);
      header[`m.${name}`] = { dtype, shape, data_offsets: [at, at + bytes] };
      at += bytes;
    }
    const text = JSON.stringify(header);
    const groups = Int32Array.from({ length: k }, (_, i) => i % (k / groupSize));
    const file = new Uint8Array([...withHeader(text), ...new Uint8Array(groups.buffer)]);
    await writeFile(`${folder}/model.safetensors`, file);
    await truncate(`${folder}/model.safetensors`, 8 + text.length + at);
    const checkpoint = await openCheckpoint(nodeFolder(folder));
    const config = { quantization_config: { quant_method: "gptq", bits: 4, group_size: groupSize, desc_act: true } };
    const held = () => process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers;
    const before = held();
    let most = 0;
    let read = 0;
    const matrix = await uploadMatrix(gpu, checkpoint, await describeWeight(checkpoint, "m", [n, k], config), {
      quantize: "none",
      onBytes: (bytes) => {
        read += bytes;
        most = Math.max(most, held() - before);
      },
    });
    expect(read).toBe(at);
    expect(most).toBeLessThan(64 * 2 ** 20);
    expect((await gpu.buffers.read(matrix.order!.indices)).slice(0, 3)).toEqual(Uint32Array.of(0, 16, 32));
    gpu.buffers.dispose(...matrixTensors(matrix), matrix.order!.indices);
  } finally {
    await rm(folder, { recursive: true });
  }
});
