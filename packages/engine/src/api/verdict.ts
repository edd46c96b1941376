import { type Gpu, type KvForm, LimitError, measureRoofline, type Roofline, sizeOf } from "@alambic/kernels";
import type { Parameter } from "../graph/graph.js";
import { planAhead } from "../runtime/compile-ahead.js";
import { cacheShapeOf, kvBytesPer1k } from "../runtime/kv-cache.js";
import { layoutsOf } from "../runtime/layouts.js";
import { loweringsOf } from "../runtime/lowerings.js";
import { inNode } from "../sources/environment.js";
import { type OpenedModel, openModel } from "./inspect.js";
import { chooseContext, chooseKv, defaultGpu } from "./load.js";
import { describedMatrix } from "./opened-parameters.js";
import type { Inspection, InspectOptions, ModelSource, Quantize, Verdict } from "./types.js";

/** What cannot cross to a worker. */
export interface LocalInspectOptions extends InspectOptions {
  /** The device to judge; giving it asks for the verdict. */
  readonly gpu?: Gpu;
}

export async function inspect(
  source: ModelSource,
  { signal, gpu, verdict = gpu !== undefined, contextLength, kv, ...access }: LocalInspectOptions = {},
): Promise<Inspection> {
  const opened = await openModel(source, signal, access);
  if (!verdict) return opened.inspection;
  const room = { contextLength: chooseContext(contextLength, opened.architecture.context), kv: chooseKv(kv, "exact") };
  return { ...opened.inspection, verdict: await judge(gpu ?? (await defaultGpu()), opened, room) };
}

/** What a session is to hold. */
interface Room {
  readonly contextLength: number;
  readonly kv: KvForm;
}

/** Those that keep the most first. */
const CHOICES: readonly Quantize[] = ["none", "int8", "int4"];

async function judge(gpu: Gpu, opened: OpenedModel, room: Room): Promise<Verdict> {
  const { contextLength, kv } = room;
  const roofline = await rooflineOf(gpu);
  const plans = await Promise.all(CHOICES.map((quantize) => planned(gpu, opened, room, quantize)));
  const of = (pick: (plan: Planned) => number) =>
    Object.fromEntries(plans.map((plan) => [plan.quantize, pick(plan)])) as Record<Quantize, number>;
  const needs = of(({ bytes }) => bytes);
  const available = gpu.adapter.kind === "software" ? memoryLeft() : undefined;
  const fits = await bestThatFits(gpu, plans, available);
  return {
    fits,
    reason: plans.at(-1)!.tooLarge ?? sentence(fits, needs, available, contextLength),
    needs,
    contextLength,
    kv,
    available,
    tokensPerSecond: opened.architecture.kind === "encoder" ? null : of(({ decode }) => 1 / atLeast(decode, roofline)),
    roofline,
    adapter: gpu.adapter,
  };
}

interface Planned {
  readonly quantize: Quantize;
  readonly bytes: number;
  /** What one token costs at least. */
  readonly decode: Cost;
  /** Why it cannot be loaded like this however much memory there is. */
  readonly tooLarge: string | undefined;
}

interface Cost {
  readonly dispatches: number;
  readonly bytes: number;
  readonly flops: number;
}

/** The model's own plans, made on tensors without memory. */
async function planned(
  gpu: Gpu,
  opened: OpenedModel,
  { contextLength, kv }: Room,
  quantize: Quantize,
): Promise<Planned> {
  const cacheShape = cacheShapeOf(opened.graph, kv);
  const { matrixOf, tooLarge } = matricesOf(gpu, opened, quantize);
  const lowerings = await loweringsOf(opened.graph);
  const model = { ...opened, lowerings, cacheShape, contextLength, matrixOf };
  const layouts = layoutsOf(gpu.adapter);
  let activations = 0;
  await planAhead(gpu, model, layouts, { onActivation: (activation) => (activations += sizeOf(activation)) });
  const cache = (contextLength * kvBytesPer1k(opened.graph)[kv]) / 1024;
  const decode = await planAhead(gpu, model, layouts, { passes: [1] });
  const total = (pick: (cost: { readonly bytes: number; readonly flops: number }) => number) =>
    decode.reduce((sum, { cost }) => sum + pick(cost), 0);
  return {
    quantize,
    bytes: opened.inspection.bytes[quantize] + cache + activations,
    decode: { dispatches: decode.length, bytes: total((cost) => cost.bytes), flops: total((cost) => cost.flops) },
    tooLarge,
  };
}

/** Matrices as this device binds them; uncut where an expert is too large for it, so that they can be counted all the same. */
function matricesOf(gpu: Gpu, opened: OpenedModel, quantize: Quantize) {
  const cutFor = (device: Pick<Gpu, "largestBinding">) => (parameter: Parameter) =>
    describedMatrix(device, opened, parameter, quantize);
  try {
    for (const parameter of opened.graph.parameters.values()) if (parameter.experts) cutFor(gpu)(parameter);
    return { matrixOf: cutFor(gpu), tooLarge: undefined };
  } catch (error) {
    if (!(error instanceof LimitError)) throw error;
    return { matrixOf: cutFor({ largestBinding: Number.MAX_SAFE_INTEGER }), tooLarge: error.message };
  }
}

/** Seconds that no kernel can beat: memory and arithmetic go on at once, dispatches that wait for each other come on top. */
function atLeast({ dispatches, bytes, flops }: Cost, roofline: Roofline): number {
  const { readGBs, gflops, dispatchMicroseconds } = roofline;
  return Math.max(bytes / (readGBs * 1e9), flops / (gflops * 1e9)) + dispatches * dispatchMicroseconds * 1e-6;
}

const rooflines = new WeakMap<Gpu, Promise<Roofline>>();

/** Measured once a device. */
function rooflineOf(gpu: Gpu): Promise<Roofline> {
  const known = rooflines.get(gpu);
  if (known) return known;
  const measuring = measureRoofline(gpu);
  rooflines.set(gpu, measuring);
  measuring.catch(() => rooflines.delete(gpu));
  return measuring;
}

/** A software adapter's memory is the machine's. A browser only tells a class of it, half of which a tab may hope for. */
function memoryLeft(): number | undefined {
  if (inNode()) {
    const { availableMemory } = process as { availableMemory?: () => number };
    return availableMemory?.() ?? process.getBuiltinModule("node:os").freemem();
  }
  const { deviceMemory } = navigator as { deviceMemory?: number };
  return deviceMemory && (deviceMemory * 2 ** 30) / 2;
}

async function bestThatFits(
  gpu: Gpu,
  plans: readonly Planned[],
  available: number | undefined,
): Promise<Quantize | null> {
  for (const { quantize, bytes, tooLarge } of plans) {
    if (tooLarge !== undefined) continue;
    const fits = available === undefined ? await hasRoomFor(gpu, bytes) : bytes <= available;
    if (fits) return quantize;
  }
  return null;
}

/** WebGPU does not tell how much memory there is, so as much is asked for, and given back untouched. */
export async function hasRoomFor({ device }: Gpu, bytes: number): Promise<boolean> {
  const step = Math.min(device.limits.maxBufferSize, 2 ** 30);
  const buffers: GPUBuffer[] = [];
  try {
    for (let left = bytes; left > 0; left -= step) {
      device.pushErrorScope("validation");
      device.pushErrorScope("out-of-memory");
      const size = Math.ceil(Math.min(left, step) / 4) * 4;
      buffers.push(device.createBuffer({ label: "room", size, usage: GPUBufferUsage.STORAGE }));
      const errors = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
      if (errors.some((error) => error !== null)) return false;
    }
    return true;
  } catch {
    return false; // the device was lost over it
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

function sentence(
  fits: Quantize | null,
  needs: Verdict["needs"],
  available: number | undefined,
  contextLength: number,
): string {
  const room = available === undefined ? "this device has room for" : `of the ${gibibytes(available)} that are free`;
  const asks = (quantize: Quantize) => `${gibibytes(needs[quantize])} with ${contextLength} tokens of context`;
  if (fits === "none") return `It fits: ${asks("none")}, ${room}.`;
  if (fits) return `It fits with ${fits}: ${asks(fits)}, ${room}; unquantised it needs ${gibibytes(needs.none)}.`;
  const found = available === undefined ? "this device has no room for that" : `${gibibytes(available)} are free`;
  return `It does not fit: even int4 needs ${asks("int4")}, and ${found}. Take a smaller model or a shorter context.`;
}

function gibibytes(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.round(bytes / 2 ** 20)} MiB` : `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
