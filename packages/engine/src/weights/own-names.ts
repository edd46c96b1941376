import { CheckpointError } from "../errors.js";
import type { RawConfig } from "../models/config.js";
import { isRecord, type TensorInfo } from "./header.js";
import type { Checkpoint } from "./safetensors.js";

/** A checkpoint whose tensors, and whatever config.json says of single modules, go by the names that a family uses. */
export interface Named {
  readonly checkpoint: Checkpoint;
  readonly config: RawConfig;
}

/**
 * Gives every tensor the name that the family uses, and every expert tensors of its own, whichever way they are stored:
 * one by one (most of the Hub), as `experts.gate_up_proj` of `[experts, 2 width, K]` (transformers 5, when it saves what
 * it holds), or as `switch_mlp.gate_proj` of `[experts, width, K]` (MLX, its scales and biases likewise).
 */
export function withOwnNames({ checkpoint, config }: Named, rename = (name: string) => name): Named {
  const tensors = new Map<string, TensorInfo>();
  for (const [name, info] of checkpoint.tensors)
    for (const [own, part] of unstacked(rename(name), info)) tensors.set(own, part);
  return { checkpoint: { ...checkpoint, tensors }, config: withOwnModules(config, rename, tensors) };
}

/** MLX's stacks: place, projection, and what of it. */
const SWITCH = /^(.+\.)switch_mlp\.(gate_proj|up_proj|down_proj|gate_up_proj)\.(weight|scales|biases)$/;
/** Those of transformers 5. */
const FUSED = /^(.+\.)experts\.(gate_up_proj|down_proj)$/;

/** Each expert's part of a stack, by the name it would have alone; any other tensor as it is. */
function unstacked(name: string, info: TensorInfo): (readonly [string, TensorInfo])[] {
  const [, place, projection, leaf = "weight"] = SWITCH.exec(name) ?? FUSED.exec(name) ?? [];
  if (place === undefined || projection === undefined) return [[name, info]];
  const { shape } = info;
  const [experts = 0, rows = 0, width = 0] = shape;
  const projections = projection === "gate_up_proj" ? ["gate_proj", "up_proj"] : [projection];
  const each = rows / projections.length;
  if (shape.length !== 3 || !Number.isInteger(each)) {
    throw new CheckpointError(
      "checkpoint-shape",
      `${name} is [${shape.join(", ")}]; [experts, ${projections.length > 1 ? "2 width" : "rows"}, columns] was expected of a stack of experts. Use another copy of the model.`,
    );
  }
  const bytes = (info.end - info.start) / (experts * projections.length);
  return Array.from({ length: experts }, (_, expert) =>
    projections.map((own, index) => {
      const start = info.start + (expert * projections.length + index) * bytes;
      const part = { ...info, name: `${info.name}[${expert}]`, shape: [each, width], start, end: start + bytes };
      return [`${place}experts.${expert}.${own}.${leaf}`, part] as const;
    }),
  ).flat();
}

/** MLX's overrides are by module: what is said of a stack holds for each of its experts. */
function withOwnModules(
  config: RawConfig,
  rename: (name: string) => string,
  tensors: ReadonlyMap<string, TensorInfo>,
): RawConfig {
  const own = (quantization: Readonly<Record<string, unknown>>) =>
    Object.fromEntries(
      Object.entries(quantization).flatMap(([module, value]) => {
        const [, place, projection] = SWITCH.exec(`${rename(module)}.weight`) ?? [];
        if (place === undefined || projection === undefined) return [[rename(module), value]];
        const projections = projection === "gate_up_proj" ? ["gate_proj", "up_proj"] : [projection];
        const modules: [string, unknown][] = [];
        for (let expert = 0; tensors.has(`${place}experts.${expert}.${projections[0]}.weight`); expert++)
          for (const each of projections) modules.push([`${place}experts.${expert}.${each}`, value]);
        return modules;
      }),
    );
  const { quantization, quantization_config } = config;
  return {
    ...config,
    ...(isRecord(quantization) && { quantization: own(quantization) }),
    ...(isRecord(quantization_config) && { quantization_config: own(quantization_config) }),
  };
}
