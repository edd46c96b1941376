import { availableParallelism } from "node:os";
import { join } from "node:path";
import { contextOf } from "../core/workload.js";
import { ggufModel } from "./gguf.js";
import { NODE, runInProcess } from "./in-process.js";
import { installPackages } from "./install.js";
import type { LlamaCppRequest } from "./node-llama-cpp-process.js";
import { type Peer, requestOf } from "./peer.js";
import { rowsOf } from "./rows.js";

const VERSION = "3.22.1";
const KV = "keys and values in f16";

/** llama.cpp in Node, prebuilt, on the CPU or on Vulkan. */
function nodeLlamaCpp(gpu: "vulkan" | false): Peer {
  const kind = gpu === false ? "CPU" : "Vulkan";
  return {
    name: `llama.cpp ${kind} (node-llama-cpp)`,
    async measure(task) {
      const prebuilt = prebuiltPackage(gpu);
      const modules = await installPackages({ "node-llama-cpp": VERSION, [prebuilt]: VERSION }, task);
      const request: LlamaCppRequest = {
        ...requestOf(task),
        package: join(modules, "node-llama-cpp/dist/index.js"),
        model: await ggufModel(task),
        gpu,
        context: Math.max(256, ...task.workloads.map(contextOf)),
        threads: availableParallelism(),
      };
      task.onProgress(`measuring ${this.name}`);
      // llama.cpp passes over software devices that it is not told to take.
      const { GGML_VK_VISIBLE_DEVICES = "0" } = process.env;
      const env = gpu !== false && task.adapterKind === "software" ? { GGML_VK_VISIBLE_DEVICES } : {};
      const settings =
        gpu === false
          ? `Q4_1 GGUF, the same weights, ${KV}; no WebGPU: what this CPU does without an adapter in between, on ${availableParallelism()} threads`
          : `Q4_1 GGUF, the same weights, ${KV}; every layer offloaded`;
      return rowsOf(await runInProcess("node-llama-cpp-process.js", request, task, env), task, {
        peer: this.name,
        version: VERSION,
        runtime: NODE,
        runsOn: kind,
        settings,
      });
    },
  };
}

/** @throws Error where there is none for this machine. */
function prebuiltPackage(gpu: "vulkan" | false): string {
  const { platform, arch } = process;
  const system = { linux: "linux", win32: "win", darwin: "mac" }[platform as "linux" | "win32" | "darwin"];
  if (!system || (gpu === "vulkan" && (system === "mac" || arch !== "x64"))) {
    throw new Error(`node-llama-cpp has no ${gpu === false ? "CPU" : "Vulkan"} build for ${platform} on ${arch}`);
  }
  if (system === "mac") return `@node-llama-cpp/mac-${arch === "arm64" ? "arm64-metal" : "x64"}`;
  return `@node-llama-cpp/${system}-${arch}${gpu === "vulkan" ? "-vulkan" : ""}`;
}

export const llamaCppCpu = nodeLlamaCpp(false);
export const llamaCppVulkan = nodeLlamaCpp("vulkan");
