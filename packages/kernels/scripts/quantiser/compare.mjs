// Quantises the tensors that mlx_side.py wrote with our own kernel and sets the squared errors side by side.
//
//   pnpm --filter @alambic/kernels build
//   node packages/kernels/scripts/quantiser/compare.mjs <out> [f16|bf16|f32]
//
// <out> is the folder given to mlx_side.py; the second argument is the type of our scales and offsets, f16 by default.
// The adapter is chosen as everywhere: a real GPU if there is one, VK_DRIVER_FILES if set, else SwiftShader.
import { open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { dequantise, matrix, matrixTensors, openGpu, quantise, tensor } from "@alambic/kernels";

const [folder, groupType = "f16"] = process.argv.slice(2);
if (!folder) {
  console.error("usage: compare.mjs <folder written by mlx_side.py> [f16|bf16|f32]");
  process.exit(1);
}

const SLICE_BYTES = 16 * 2 ** 20;
const reference = JSON.parse(await readFile(join(folder, "mlx-errors.json"), "utf8"));
const gpu = await openGpu();
console.log(
  `${gpu.adapter.name} (${gpu.adapter.kind}), MLX ${reference.mlx}, groups of ${reference.group_size}, ${groupType} scales`,
);

let milliseconds = 0;
let cpuMicroseconds = 0;
let parameters = 0;
const rows = [];
for await (const { name, shape, words } of bf16Tensors(join(folder, "bf16"))) {
  const mlx = reference.tensors[name];
  if (!mlx) continue;
  const error = await ourError(shape, words, { kind: `int${mlx.bits}`, groupSize: reference.group_size, groupType });
  parameters += shape[0] * shape[1];
  rows.push({ name, bits: mlx.bits, mlx: mlx.error / mlx.power, ours: error / mlx.power, ratio: error / mlx.error });
}
gpu.dispose();

for (const bits of [4, 8]) {
  const of = rows.filter((row) => row.bits === bits);
  if (of.length === 0) continue;
  const mean = (key) => of.reduce((sum, row) => sum + row[key], 0) / of.length;
  const worst = of.reduce((a, b) => (b.ratio > a.ratio ? b : a));
  console.log(
    `${bits} bits, ${of.length} tensors: relative squared error, mean: MLX ${mean("mlx").toExponential(3)}, ours ${mean("ours").toExponential(3)}; ` +
      `ours / MLX: mean ${mean("ratio").toFixed(3)}, worst ${worst.ratio.toFixed(3)} (${worst.name})`,
  );
}
console.log(
  `${(parameters / 1e6).toFixed(1)} M parameters quantised in ${(milliseconds / 1000).toFixed(2)} s, ${(cpuMicroseconds / 1e6).toFixed(2)} s of CPU time`,
);

/** Squared error of a whole tensor, quantised and read back a slice of rows at a time. */
async function ourError([n, k], words, form) {
  const sourceForm = { kind: "bf16" };
  const sliceRows = Math.max(64, Math.floor(SLICE_BYTES / (4 * k) / 64) * 64);
  const plain = matrix("source", [Math.min(n, sliceRows), k], sourceForm, 2 ** 27);
  const target = matrix("target", [n, k], form, 2 ** 27);
  const y = tensor("back", [Math.min(n, sliceRows), k]);
  const tensors = [...matrixTensors(plain), ...matrixTensors(target), y];
  gpu.buffers.allocate(...tensors);
  let error = 0;
  for (let first = 0; first < n; first += sliceRows) {
    const count = Math.min(sliceRows, n - first);
    const slice = words.subarray((first * k) / 2, ((first + count) * k) / 2);
    gpu.buffers.write(plain.blocks[0].values, slice);
    const work = quantise({
      source: plain.blocks[0],
      sourceForm,
      k,
      target: target.blocks[0],
      targetForm: form,
      targetRow: first,
      rows: count,
    });
    await gpu.executor.prepare([work]);
    await gpu.device.queue.onSubmittedWorkDone();
    const start = performance.now();
    const cpu = process.cpuUsage();
    gpu.executor.run([work]);
    await gpu.device.queue.onSubmittedWorkDone();
    milliseconds += performance.now() - start;
    const { user, system } = process.cpuUsage(cpu);
    cpuMicroseconds += user + system;
    error += squaredDifference(slice, await readBack(target.blocks[0], form, k, first, count, y));
  }
  gpu.buffers.dispose(...tensors);
  return error;
}

/** Rows of the packed matrix as f32. They begin on a multiple of 64 rows, so a window may begin there too. */
async function readBack(block, form, k, first, count, y) {
  const from = (part) => ({ ...part, offset: 4 * first * part.shape[1], shape: [count, part.shape[1]] });
  const window = { firstRow: first, rows: count, values: from(block.values), groups: from(block.groups) };
  const out = { ...y, shape: [count, k] };
  await gpu.executor.execute([dequantise({ block: window, form, k, rows: count, y: out })]);
  return gpu.buffers.read(out);
}

function squaredDifference(words, back) {
  const exact = new Float32Array(back.length);
  const bits = new Uint32Array(exact.buffer);
  for (let i = 0; i < words.length; i++) {
    bits[2 * i] = words[i] << 16;
    bits[2 * i + 1] = words[i] & 0xffff0000;
  }
  let sum = 0;
  for (let i = 0; i < back.length; i++) sum += (exact[i] - back[i]) ** 2;
  return sum;
}

/** The matrices of a bf16 checkpoint with even rows of a multiple of 8, two numbers to a word. */
async function* bf16Tensors(checkpoint) {
  const { weight_map: map } = JSON.parse(await readFile(join(checkpoint, "model.safetensors.index.json"), "utf8"));
  for (const shard of new Set(Object.values(map))) {
    const file = await open(join(checkpoint, shard));
    const length = Number((await file.read(Buffer.alloc(8), 0, 8, 0)).buffer.readBigUInt64LE());
    const header = JSON.parse((await file.read(Buffer.alloc(length), 0, length, 8)).buffer.toString());
    for (const [name, { dtype, shape, data_offsets }] of Object.entries(header)) {
      if (dtype !== "BF16" || shape.length !== 2 || shape[1] % 8 !== 0) continue;
      const words = new Uint32Array((data_offsets[1] - data_offsets[0]) / 4);
      await file.read(new Uint8Array(words.buffer), 0, words.byteLength, 8 + length + data_offsets[0]);
      yield { name, shape, words };
    }
    await file.close();
  }
}
