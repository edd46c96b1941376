import { millions } from "../format/columns.js";

/** A little more than the values span, so that no mark lies on the frame; a factor of 4 at least. */
export function padded(values: readonly number[]): [number, number] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const factor = Math.max(1.25, 2 / Math.sqrt(most / least));
  return [least / factor, most * factor];
}

/** Powers of ten, with 2 and 5 between where they are few. */
export function logTicks(values: readonly number[]): number[] {
  const [least, most] = padded(values);
  const few = Math.log10(most / least) < 3;
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); 10 ** power <= most; power++) {
    for (const digit of few ? [1, 2, 5] : [1]) ticks.push(digit * 10 ** power);
  }
  return ticks.filter((tick) => tick >= least && tick <= most);
}

/** `20 M`, `1.5 B` */
export function shortCount(parameters: number): string {
  return millions(parameters)
    .replace(/\.0+ /, " ")
    .replace(/(\.\d*?)0+ /, "$1 ");
}
