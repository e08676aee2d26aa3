import type { Value } from "../series.ts";

/** Sum of numbers. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Mean of numbers; there is at least one. */
export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Standard deviation of a whole population. */
export function standardDeviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

/** The percentile (0 to 100) of numbers, interpolated between the nearest ones; there is at least one. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const rank = (percent / 100) * (sorted.length - 1);
  const lower = sorted[Math.floor(rank)]!;
  return lower + (sorted[Math.ceil(rank)]! - lower) * (rank % 1);
}

/** Which part of the values is true, 0 to 1. */
export function fractionTrue(values: readonly Value[]): number {
  return values.filter((value) => value === true).length / values.length;
}
