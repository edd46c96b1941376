import { openGpu, rmsNorm, tensor } from "@alambic/kernels";

/** One kernel through the public entry point alone. */
export async function norm(values: readonly number[], weights: readonly number[], eps: number) {
  const gpu = await openGpu();
  const width = values.length;
  const step = tensor("step", [2], "u32");
  const x = tensor("x", [1, width]);
  const weight = tensor("weight", [width]);
  const y = tensor("y", [1, width]);
  for (const each of [step, x, weight, y]) gpu.buffers.allocate(each);
  gpu.buffers.write(step, Uint32Array.of(0, 1));
  gpu.buffers.write(x, Float32Array.from(values));
  gpu.buffers.write(weight, Float32Array.from(weights));
  await gpu.executor.execute([rmsNorm({ step, x, weight, y, eps })]);
  const result = { y: [...(await gpu.buffers.read(y))], adapter: `${gpu.adapter.name} (${gpu.adapter.kind})` };
  gpu.dispose();
  return result;
}
