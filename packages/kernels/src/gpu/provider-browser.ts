import { NoWebGpuError } from "./errors.js";
import type { AdapterRequest, FoundAdapter } from "./provider.js";

/** The adapter of the page or worker this runs in. */
export async function findAdapter(request: AdapterRequest = {}): Promise<FoundAdapter> {
  const gpu = (globalThis.navigator as Navigator | undefined)?.gpu;
  if (!gpu) {
    const insecure = globalThis.isSecureContext === false;
    throw new NoWebGpuError(
      insecure
        ? "This page is not a secure context, so the browser hides WebGPU. Serve it over https or from localhost."
        : "This browser has no WebGPU. Chrome and Edge 113+, Safari 26+ and Firefox 141+ (Windows) have it; elsewhere it may need a flag.",
    );
  }
  const adapter = await gpu.requestAdapter({
    ...(request.powerPreference && { powerPreference: request.powerPreference }),
    ...(request.forceSoftware && { forceFallbackAdapter: true }),
  });
  if (!adapter) {
    throw new NoWebGpuError(
      "WebGPU is here but found no adapter. Hardware acceleration may be off in the browser's settings, or the GPU's driver blocked; chrome://gpu says which.",
    );
  }
  return { adapter, gpu };
}
