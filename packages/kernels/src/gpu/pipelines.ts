import type { Kernel, Part } from "../dispatch.js";
import { KernelCompileError, LimitError } from "./errors.js";
import type { Rest } from "./provider.js";

export type BindingUse = "read" | "write" | "uniform";

export interface CompiledKernel {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  /** What each binding of group 0 is, in order. */
  readonly bindings: readonly BindingUse[];
}

/** Joins parts into one module: directives first, then each part under its name. */
export function joinParts(parts: readonly Part[]): string {
  const enable = new Set(parts.flatMap((part) => part.enable ?? []));
  const requires = new Set(parts.flatMap((part) => part.requires ?? []));
  const directives = [
    ...[...enable].map((name) => `enable ${name};`),
    ...[...requires].map((name) => `requires ${name};`),
  ];
  return [...directives, ...parts.map((part) => `// --- ${part.name}\n${part.wgsl.trimEnd()}`)].join("\n");
}

/** Compiles kernels, each (source, constants) once, off the main thread where the browser can. */
export class Pipelines {
  readonly #device: GPUDevice;
  readonly #rest: Rest | undefined;
  readonly #modules = new Map<string, Promise<GPUShaderModule>>();
  readonly #compiled = new Map<string, Promise<CompiledKernel>>();
  readonly #ready = new Map<string, CompiledKernel>();

  constructor(device: GPUDevice, rest?: Rest) {
    this.#device = device;
    this.#rest = rest;
  }

  /** Pipelines compiled so far. */
  get count(): number {
    return this.#ready.size;
  }

  /** The kernel if it is compiled already: the path of every token. */
  ready(kernel: Kernel): CompiledKernel | undefined {
    return this.#ready.get(keyOf(kernel));
  }

  compile(kernel: Kernel): Promise<CompiledKernel> {
    const key = keyOf(kernel);
    let compiled = this.#compiled.get(key);
    if (!compiled) {
      compiled = this.#compile(kernel);
      this.#rest?.during(compiled);
      this.#compiled.set(key, compiled);
      compiled.then(
        (result) => this.#ready.set(key, result),
        () => this.#compiled.delete(key), // a failure is not remembered: the next try compiles again
      );
    }
    return compiled;
  }

  async #compile(kernel: Kernel): Promise<CompiledKernel> {
    const source = joinParts(kernel.parts);
    const names = kernel.parts.map((part) => part.name).join(" + ");
    const bindings = declaredBindings(source);
    const storage = bindings.filter((use) => use !== "uniform").length;
    const { maxStorageBuffersPerShaderStage } = this.#device.limits;
    if (storage > maxStorageBuffersPerShaderStage) {
      throw new LimitError(
        `${names} binds ${storage} buffers; this device allows ${maxStorageBuffersPerShaderStage} a shader stage.`,
      );
    }
    const module = await this.#module(source, names);
    // The layout is written out rather than left to "auto", which drops a binding that some variant does not read.
    const layout = this.#device.createBindGroupLayout({
      label: names,
      entries: bindings.map((use, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: LAYOUT_TYPES[use] },
      })),
    });
    try {
      const pipeline = await this.#device.createComputePipelineAsync({
        label: names,
        layout: this.#device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, constants: { ...kernel.constants } },
      });
      return { pipeline, layout, bindings };
    } catch (cause) {
      throw new KernelCompileError(`${names} with ${JSON.stringify(kernel.constants)}: ${(cause as Error).message}`);
    }
  }

  #module(source: string, names: string): Promise<GPUShaderModule> {
    let module = this.#modules.get(source);
    if (!module) {
      module = this.#checkedModule(source, names);
      this.#modules.set(source, module);
      module.catch(() => this.#modules.delete(source));
    }
    return module;
  }

  async #checkedModule(source: string, names: string): Promise<GPUShaderModule> {
    this.#device.pushErrorScope("validation");
    const module = this.#device.createShaderModule({ label: names, code: source });
    const scope = this.#device.popErrorScope();
    const { messages } = await module.getCompilationInfo();
    await scope;
    const errors = messages.filter((message) => message.type === "error");
    if (errors.length > 0) throw new KernelCompileError(explain(source, names, errors));
    return module;
  }
}

const LAYOUT_TYPES = { read: "read-only-storage", write: "storage", uniform: "uniform" } as const;

/** The bindings of group 0, read off the kernel's declarations. */
export function declaredBindings(source: string): BindingUse[] {
  const bindings: BindingUse[] = [];
  const declaration = /@group\(0\)\s*@binding\((\d+)\)\s*var<(uniform|storage(?:,\s*(?:read_write|read))?)>/g;
  for (const [, binding, kind = ""] of source.matchAll(declaration)) {
    bindings[Number(binding)] = kind === "uniform" ? "uniform" : kind.endsWith("read_write") ? "write" : "read";
  }
  if (bindings.length === 0 || bindings.includes(undefined as never)) {
    throw new KernelCompileError(
      `The kernel's bindings must be numbered from 0 without a gap; found ${Object.keys(bindings).join(", ") || "none"}.`,
    );
  }
  return bindings;
}

function explain(source: string, names: string, errors: readonly GPUCompilationMessage[]): string {
  const lines = source.split("\n");
  const shown = errors.map(({ message, lineNum, linePos }) => {
    const part =
      lines
        .slice(0, lineNum)
        .findLast((line) => line.startsWith("// --- "))
        ?.slice(7) ?? names;
    const line = lines[lineNum - 1] ?? "";
    return `${part}: ${message}\n  ${lineNum} | ${line}\n  ${" ".repeat(String(lineNum).length)} | ${" ".repeat(Math.max(0, linePos - 1))}^`;
  });
  return `WGSL did not compile (${names}):\n${shown.join("\n")}`;
}

const keys = new WeakMap<Kernel, string>();

function keyOf(kernel: Kernel): string {
  let key = keys.get(kernel);
  if (key === undefined) {
    key = `${joinParts(kernel.parts)}\n${JSON.stringify(kernel.constants)}`;
    keys.set(kernel, key);
  }
  return key;
}
