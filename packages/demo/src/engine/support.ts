/** What this browser offers, found out without the engine and before anything is fetched. */
export type Support =
  | { readonly kind: "ready"; readonly adapter: string; readonly software: boolean }
  /** WebGPU is hidden from pages that come over plain http. */
  | { readonly kind: "insecure" }
  | { readonly kind: "no-webgpu" }
  /** WebGPU is there, and no GPU behind it. */
  | { readonly kind: "no-adapter" };

export async function checkSupport(): Promise<Support> {
  const gpu = (navigator as Partial<Navigator>).gpu;
  if (!gpu) return { kind: window.isSecureContext ? "no-webgpu" : "insecure" };
  const adapter = await gpu.requestAdapter().catch(() => null);
  if (!adapter) return { kind: "no-adapter" };
  const { vendor, architecture, device, description, isFallbackAdapter } = adapter.info;
  const name = device || description || [vendor, architecture].filter(Boolean).join(" ");
  const software = isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|software|basic render/i.test(name);
  return { kind: "ready", adapter: name, software };
}
