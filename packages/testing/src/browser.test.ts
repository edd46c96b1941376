import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser, openBlankPage, type WebGpuBrowser } from "./browser.js";

let running: WebGpuBrowser;

beforeAll(async () => {
  running = await launchBrowser();
  console.info(`tests run in: ${running.description}`);
});
afterAll(async () => running?.browser.close());

test("the browser computes on its adapter", async () => {
  const page = await openBlankPage(running.browser);
  const squares = await page.evaluate(async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const device = await adapter!.requestDevice();
    const code = `
      @group(0) @binding(0) var<storage, read_write> values: array<u32>;
      @compute @workgroup_size(8) fn main(@builtin(global_invocation_id) id: vec3u) { values[id.x] = id.x * id.x; }`;
    const pipeline = device.createComputePipeline({
      layout: "auto",
      compute: { module: device.createShaderModule({ code }) },
    });
    const values = device.createBuffer({ size: 32, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC });
    const copy = device.createBuffer({ size: 32, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(
      0,
      device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [{ binding: 0, resource: { buffer: values } }],
      }),
    );
    pass.dispatchWorkgroups(1);
    pass.end();
    encoder.copyBufferToBuffer(values, 0, copy, 0, 32);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    return [...new Uint32Array(copy.getMappedRange())];
  });
  expect(squares).toEqual([0, 1, 4, 9, 16, 25, 36, 49]);
  await page.close();
});
