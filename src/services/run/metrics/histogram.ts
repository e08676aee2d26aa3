import type { Distribution_BucketOptionsSchema, DistributionSchema } from "../../../gen/google/api/distribution_pb.js";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { exponentialBounds, linearBounds } from "../../../wire/bucket-bounds.ts";

/** How values are put into buckets. */
export interface Buckets {
  readonly options: MessageInitShape<typeof Distribution_BucketOptionsSchema>;
  /** Upper bounds, ascending; what is above the last one has a bucket, too. */
  readonly bounds: readonly number[];
}

/** Buckets whose width grows by 40 % each, from 1 to about an hour of milliseconds. */
export const LATENCY_BUCKETS: Buckets = exponential(46, 1.4, 1);
/** Buckets of 5 % from 0 to 1. */
export const RATIO_BUCKETS: Buckets = linear(20, 0.05, 0);
/** Buckets of 10 requests from 0 to the most that an instance serves. */
export const CONCURRENCY_BUCKETS: Buckets = linear(100, 10, 0);

/** Values counted by bucket, with what their mean and variance follow from. */
export interface Histogram {
  add(value: number): void;
  readonly buckets: Buckets;
  readonly count: number;
  readonly sum: number;
  readonly bucketCounts: readonly number[];
  /** google.api.Distribution of the values. */
  toDistribution(): MessageInitShape<typeof DistributionSchema>;
}

/** A histogram without values. */
export function createHistogram(buckets: Buckets): Histogram {
  const counts = Array<number>(buckets.bounds.length + 1).fill(0);
  let [count, sum, mean, deviation] = [0, 0, 0, 0];
  return {
    buckets,
    get count() {
      return count;
    },
    get sum() {
      return sum;
    },
    bucketCounts: counts,
    // Welford's method, which stays exact over many values.
    add(value) {
      count++;
      sum += value;
      const before = value - mean;
      mean += before / count;
      deviation += before * (value - mean);
      counts[bucketOf(buckets.bounds, value)]!++;
    },
    toDistribution: () => ({
      count: BigInt(count),
      mean,
      sumOfSquaredDeviation: deviation,
      bucketOptions: buckets.options,
      bucketCounts: counts.slice(0, counts.findLastIndex((inBucket) => inBucket > 0) + 1).map(BigInt),
    }),
  };
}

/** Lower bounds are inclusive. Google: distribution.proto, BucketOptions. */
function bucketOf(bounds: readonly number[], value: number): number {
  let [from, to] = [0, bounds.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (value < bounds[middle]!) to = middle;
    else from = middle + 1;
  }
  return from;
}

function exponential(numFiniteBuckets: number, growthFactor: number, scale: number): Buckets {
  const bounds = exponentialBounds(numFiniteBuckets, growthFactor, scale);
  const value = { numFiniteBuckets, growthFactor, scale };
  return { options: { options: { case: "exponentialBuckets", value } }, bounds };
}

function linear(numFiniteBuckets: number, width: number, offset: number): Buckets {
  const bounds = linearBounds(numFiniteBuckets, width, offset);
  return { options: { options: { case: "linearBuckets", value: { numFiniteBuckets, width, offset } } }, bounds };
}
