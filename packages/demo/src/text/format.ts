import { language } from "../i18n/index.js";

// Intl formatters are slow to make and are asked for with every token: one a language and style.
const formatters = new Map<string, Intl.NumberFormat>();

function format(value: number, options: Intl.NumberFormatOptions): string {
  const key = language() + JSON.stringify(options);
  const formatter = formatters.get(key) ?? new Intl.NumberFormat(language(), options);
  formatters.set(key, formatter);
  return formatter.format(value);
}

/** `134.5M`, `134,5 M`. */
export function formatCount(value: number): string {
  return format(value, { notation: "compact", maximumSignificantDigits: 4 });
}

export function formatInteger(value: number): string {
  return format(value, { maximumFractionDigits: 0 });
}

/** Decimal megabytes, as downloads are counted: `98 MB`, `98 Mo`; from a thousand on, gigabytes. */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return format(bytes / 1e9, { style: "unit", unit: "gigabyte", maximumSignificantDigits: 3 });
  return format(bytes / 1e6, { style: "unit", unit: "megabyte", maximumFractionDigits: bytes < 1e7 ? 1 : 0 });
}

/** A rate without its unit: three figures at most, so that a column of them does not dance. */
export function formatRate(rate: number): string {
  const digits = rate < 10 ? 2 : rate < 100 ? 1 : 0;
  return format(rate, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** `420 ms` below a second, `1.2 s` above. */
export function formatDuration(ms: number): string {
  return ms < 1000
    ? format(ms, { style: "unit", unit: "millisecond", maximumFractionDigits: 0 })
    : format(ms / 1000, { style: "unit", unit: "second", maximumFractionDigits: 1, minimumFractionDigits: 1 });
}

export function formatPercent(share: number): string {
  return format(share, { style: "percent", maximumFractionDigits: 0 });
}

/** A divergence without its unit: `0.958`. */
export function formatNats(nats: number): string {
  return format(nats, { maximumFractionDigits: 3 });
}

export function formatPerplexity(perplexity: number): string {
  return format(perplexity, { maximumSignificantDigits: 3, useGrouping: true });
}

/** A factor: `× 0.38`. */
export function formatFactor(factor: number): string {
  return `×\u00a0${format(factor, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** A setting between 0 and 2. */
export function formatSetting(value: number): string {
  return format(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Watt hours, with as many figures as an estimate bears: `3.24 Wh`, `0.171 Wh`. */
export function formatWattHours(wattHours: number): string {
  return `${format(wattHours, { maximumSignificantDigits: 3 })}\u00a0Wh`;
}

export function formatGrams(grams: number): string {
  return format(grams, { style: "unit", unit: "gram", maximumSignificantDigits: 3 });
}

/** A share that may be small: `63.5%`, `0.04%`. */
export function formatShare(share: number): string {
  return format(share, { style: "percent", maximumSignificantDigits: 3 });
}

/** A small number of either sign, such as a weight. */
export function formatNumber(value: number): string {
  return format(value, { maximumSignificantDigits: 3 });
}

/** Three figures, of any size: `0.171`, `31.9`, `1,235`. */
export function formatFigures(value: number): string {
  return format(value, value < 1000 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 });
}

/** A day: `2 January 2026`. */
export function formatDate(iso: string): string {
  return new Date(iso).toLocaleDateString(language(), { dateStyle: "long" });
}
