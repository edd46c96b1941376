import { type DescribeWeight, type QuantizationConfig, weightFormat } from "../weights/formats/describe.js";
import type { WeightDescription } from "../weights/formats/description.js";

/** How one weight lies in a checkpoint of this config. */
export async function describeWeight(
  ...[checkpoint, module, shape, config]: [...Parameters<DescribeWeight>, config: QuantizationConfig]
): Promise<WeightDescription> {
  return (await weightFormat(config))(checkpoint, module, shape);
}
