import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** Why the process runs on the driver that it does, for reports. */
export type VulkanDriver =
  | { kind: "system" }
  | { kind: "explicit"; files: string }
  | { kind: "swiftshader"; directory: string };

/**
 * The driver that the environment names (`VK_DRIVER_FILES` or its older spelling `VK_ICD_FILENAMES`), if it names one:
 * so that lavapipe or a chosen GPU can be tried without touching code.
 */
export function explicitVulkanDriver(): VulkanDriver | undefined {
  const files = process.env.VK_DRIVER_FILES ?? process.env.VK_ICD_FILENAMES;
  return files ? { kind: "explicit", files } : undefined;
}

/**
 * Makes SwiftShader, Google's software Vulkan, visible to this process. It comes inside the npm package
 * `@sparticuz/chromium` as a brotli tar; it is unpacked once into the temporary folder, needing no root and no download.
 *
 * @returns `undefined` where the package is not installed or the platform is not the one it is built for (Linux on x86-64).
 */
export function useSwiftShader(): VulkanDriver | undefined {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const archive = swiftShaderArchive();
  if (!archive) return undefined;
  const directory = unpackOnce(archive);
  const manifest = join(directory, "vk_swiftshader_icd.json");
  process.env.VK_DRIVER_FILES = manifest;
  process.env.VK_ICD_FILENAMES = manifest;
  preload(join(directory, "libvulkan.so.1"));
  return { kind: "swiftshader", directory };
}

function swiftShaderArchive(): string | undefined {
  // The package exports no path of its archive, so it is looked for beside its entry point.
  const require = createRequire(import.meta.url);
  try {
    let folder = dirname(require.resolve("@sparticuz/chromium"));
    for (let up = 0; up < 5; up++, folder = dirname(folder)) {
      const archive = join(folder, "bin", "swiftshader.tar.br");
      if (existsSync(archive)) return archive;
    }
  } catch {
    // Not installed: an optional package.
  }
  return undefined;
}

function unpackOnce(archive: string): string {
  const bytes = readFileSync(archive);
  const directory = join(tmpdir(), `alambic-swiftshader-${bytes.length}`);
  if (existsSync(join(directory, "libvk_swiftshader.so"))) return directory;
  // Unpack aside and rename, so that two processes starting together never see half a driver.
  const aside = `${directory}.${process.pid}`;
  mkdirSync(aside, { recursive: true });
  const tar = join(aside, "swiftshader.tar");
  writeFileSync(tar, brotliDecompressSync(bytes));
  execFileSync("tar", ["-xf", tar, "-C", aside]);
  rmSync(tar);
  try {
    renameSync(aside, directory);
  } catch {
    rmSync(aside, { recursive: true, force: true }); // the other process was first
  }
  return directory;
}

const RTLD_NODELETE = 0x1000; // glibc; not among Node's constants

/**
 * Dawn asks the system for `libvulkan.so.1` by name, and LD_LIBRARY_PATH is only read when a process starts. A library
 * of that name already in the process answers first, so it is loaded here and pinned. Node complains that it is no
 * Node module, which is true and harmless.
 */
function preload(library: string): void {
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | RTLD_NODELETE);
  } catch (error) {
    if (!/did not self-register/.test(String(error))) throw error;
  }
}
