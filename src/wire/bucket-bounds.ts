/** Bounds of exponential buckets: scale * growthFactor^i for i = 0..finiteBuckets. Google: distribution.proto. */
export function exponentialBounds(finiteBuckets: number, growthFactor: number, scale: number): number[] {
  return Array.from({ length: finiteBuckets + 1 }, (_, index) => scale * growthFactor ** index);
}

/** Bounds of linear buckets: offset + width * i for i = 0..finiteBuckets. */
export function linearBounds(finiteBuckets: number, width: number, offset: number): number[] {
  return Array.from({ length: finiteBuckets + 1 }, (_, index) => offset + width * index);
}
