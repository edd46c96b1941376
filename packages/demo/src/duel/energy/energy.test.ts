import { describe, expect, it } from "vitest";
import { ecologits08 } from "./ecologits-0.8.js";
import { ecologits09 } from "./ecologits-0.9.js";
import { equivalents } from "./equivalents.js";

const dense = (billions: number) => ({ active: billions, total: billions });

describe("EcoLogits 0.8", () => {
  it.each([
    [4, 3206.51],
    [8, 3767.86],
    [24, 6013.25],
    [70, 12468.73],
    [405, 237926.07],
  ])("gives the published energy of a million tokens from %i billion parameters", (billions, wattHours) => {
    expect(ecologits08.estimate(dense(billions), 1e6).wattHours).toBeCloseTo(wattHours, 1);
  });

  it("gives the card of 70 billion parameters and 260 tokens", () => {
    const footprint = ecologits08.estimate(dense(70), 260);
    expect(footprint.wattHours.toFixed(2)).toBe("3.24");
    expect(footprint.gramsCO2.toFixed(2)).toBe("1.98");
    expect(equivalents(footprint)).toEqual({ ledMinutes: 38, videoMinutes: 3 });
    expect(footprint.range[0]).toBeLessThan(footprint.wattHours);
    expect(footprint.range[1]).toBeGreaterThan(footprint.wattHours);
  });

  it("sizes the servers by all parameters and the work by the active ones", () => {
    const mixture = ecologits08.estimate({ active: 13, total: 47 }, 1000);
    expect(mixture.gpus).toBe(1);
    expect(mixture.wattHours).toBe(ecologits08.estimate(dense(13), 1000).wattHours);
    expect(ecologits08.estimate({ active: 37, total: 671 }, 1000).gpus).toBe(6);
  });
});

describe("EcoLogits 0.9.1", () => {
  it("is 19 times lower for the same answer", () => {
    const footprint = ecologits09("world").estimate(dense(70), 260);
    expect(footprint.gpus).toBe(4);
    expect(footprint.wattHours.toFixed(3)).toBe("0.171");
    expect(ecologits08.estimate(dense(70), 260).wattHours / footprint.wattHours).toBeCloseTo(18.96, 1);
  });

  it("emits less where the electricity is cleaner", () => {
    const [world, france] = (["world", "france"] as const).map((mix) => ecologits09(mix).estimate(dense(70), 260));
    expect(world!.wattHours).toBe(france!.wattHours);
    expect(world!.gramsCO2 - france!.gramsCO2).toBeCloseTo(0.171 * (0.47301 - 0.04418), 3);
  });
});
