import { NoWebGpuError } from "./errors.js";
import type { AdapterRequest, FoundAdapter } from "./provider.js";
import { RestInNode } from "./rest-in-node.js";
import { explicitVulkanDriver, useSwiftShader } from "./software-vulkan.js";

type Dawn = typeof import("webgpu");

// Kept for the life of the process: a collected instance takes every device down with it.
const instances: GPU[] = [];

/** An adapter through Dawn (npm `webgpu`): the machine's GPU where there is one, else SwiftShader from npm. */
export async function findAdapter(request: AdapterRequest = {}): Promise<FoundAdapter> {
  const native = (globalThis.navigator as Navigator | undefined)?.gpu; // Deno, Bun, or an app's own binding
  if (native) {
    const adapter = await native.requestAdapter(request);
    if (adapter) return { adapter, gpu: native };
  }
  const dawn = await importDawn();
  Object.assign(globalThis, dawn.globals); // GPUBufferUsage and friends

  const explicit = explicitVulkanDriver();
  if (explicit) {
    const found = await open(dawn, request);
    if (found) return found;
    throw new NoWebGpuError(
      "No Vulkan adapter answered from the driver that VK_DRIVER_FILES or VK_ICD_FILENAMES names. Correct the path, or unset it to let one be found.",
    );
  }
  if (!request.forceSoftware) {
    const found = await open(dawn, request);
    if (found && !isSoftware(found.adapter)) return found;
  }
  if (useSwiftShader()) {
    const found = await open(dawn, request);
    if (found) return { ...found, note: "no GPU was found: SwiftShader, a software adapter, stands in" };
  }
  const found = await open(dawn, request);
  if (found) return found;
  throw new NoWebGpuError(
    "Dawn found no adapter: no GPU driver answers on this machine. Install the GPU's Vulkan driver, or add the npm package @sparticuz/chromium for a software adapter (Linux on x86-64).",
  );
}

async function importDawn(): Promise<Dawn> {
  try {
    return await import("webgpu");
  } catch (cause) {
    throw new NoWebGpuError(
      "Node reaches the GPU through the npm package `webgpu` (Dawn), which is not installed. Run `npm install webgpu`.",
      { cause },
    );
  }
}

async function open(dawn: Dawn, request: AdapterRequest): Promise<FoundAdapter | undefined> {
  const flags = (process.env.ALAMBIC_DAWN_FLAGS ?? "").split(/\s+/).filter(Boolean);
  const gpu = dawn.create(flags);
  instances.push(gpu);
  const adapter = await gpu.requestAdapter(request.powerPreference ? { powerPreference: request.powerPreference } : {});
  if (!adapter) return undefined;
  return isSoftware(adapter) ? { adapter, gpu, rest: new RestInNode() } : { adapter, gpu };
}

function isSoftware(adapter: GPUAdapter): boolean {
  return (
    adapter.info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe/i.test(`${adapter.info.device} ${adapter.info.description}`)
  );
}
