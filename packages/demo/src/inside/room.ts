import type { Room } from "./fit.js";

/** Buffers in which room is asked for, and the most that is asked for in all: no more than pages can hope to be given. */
const STEP = 2 ** 30;
const MOST = 48 * STEP;

/** A software adapter works in the machine's memory. Browsers tell a class of it, half of which a tab may hope for. */
export async function softwareRoom(): Promise<Room | undefined> {
  const { deviceMemory } = navigator as { deviceMemory?: number };
  const adapter = deviceMemory ? await navigator.gpu.requestAdapter() : null;
  if (!deviceMemory || !adapter) return undefined;
  return { bytes: deviceMemory * 2 ** 29, atLeast: false, binding: adapter.limits.maxStorageBufferBindingSize };
}

/** A GPU does not tell how much memory it has: it is asked for buffers until it has no more, and given them back untouched. */
export async function measureRoom(): Promise<Room | undefined> {
  const adapter = await navigator.gpu.requestAdapter();
  if (!adapter) return undefined;
  const { maxBufferSize, maxStorageBufferBindingSize: binding } = adapter.limits;
  const device = await adapter.requestDevice({ requiredLimits: { maxBufferSize } });
  const size = Math.min(STEP, maxBufferSize);
  let lost = false;
  void device.lost.then(() => {
    lost = true;
  });
  const buffers: GPUBuffer[] = [];
  try {
    while (buffers.length * size < MOST) {
      device.pushErrorScope("out-of-memory");
      const buffer = device.createBuffer({ size, usage: GPUBufferUsage.STORAGE });
      const error = await device.popErrorScope();
      if (error || lost) break;
      buffers.push(buffer);
    }
    return { bytes: buffers.length * size, atLeast: buffers.length * size >= MOST, binding };
  } finally {
    for (const buffer of buffers) buffer.destroy();
    device.destroy();
  }
}
