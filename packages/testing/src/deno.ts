import { existsSync } from "node:fs";
import { mayHaveGpu } from "./may-have-gpu.js";
import { swiftShaderFromNpm } from "./npm-chromium.js";

/**
 * What Deno's WebGPU needs in its environment to find an adapter: nothing where there may be a GPU or a driver is named
 * (`VK_DRIVER_FILES`), else SwiftShader from npm.
 *
 * Deno's WebGPU is wgpu, and wgpu is Firefox's too: another compiler of WGSL (naga) and another validation than Dawn's,
 * which Chromium and the npm package `webgpu` have.
 */
export function denoEnvironment(): Readonly<Record<string, string>> {
  if (process.env.VK_DRIVER_FILES || mayHaveGpu()) return {};
  const folder = swiftShaderFromNpm();
  if (!folder) return {};
  const manifest = `${folder}/vk_swiftshader_icd.json`;
  if (!existsSync(manifest)) throw new Error(`SwiftShader from npm has no ${manifest}: its layout has changed.`);
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest, LD_LIBRARY_PATH: libraries };
}
