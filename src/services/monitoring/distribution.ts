import type { DistributionValue } from "./series.ts";

/** The distribution of both populations. Chan et al.: the parallel form of the variance. Bounds must be the same. */
export function mergeDistributions(one: DistributionValue, other: DistributionValue): DistributionValue {
  const count = one.count + other.count;
  if (count === 0) return one;
  const delta = other.mean - one.mean;
  return {
    count,
    mean: one.mean + (delta * other.count) / count,
    sumOfSquaredDeviation:
      one.sumOfSquaredDeviation + other.sumOfSquaredDeviation + (delta * delta * one.count * other.count) / count,
    bounds: one.bounds,
    bucketCounts: one.bucketCounts.map((value, index) => value + (other.bucketCounts[index] ?? 0)),
  };
}

/** The percentile (0 to 100), interpolated within its bucket; 0 for an empty distribution. */
export function percentileOf({ count, bounds, bucketCounts }: DistributionValue, percentile: number): number {
  const rank = (percentile / 100) * count;
  let below = 0;
  for (const [index, inBucket] of bucketCounts.entries()) {
    if (inBucket > 0 && below + inBucket >= rank) {
      const lower = bounds[index - 1] ?? 0;
      const upper = bounds[index] ?? lower;
      return lower + ((upper - lower) * (rank - below)) / inBucket;
    }
    below += inBucket;
  }
  return 0;
}
