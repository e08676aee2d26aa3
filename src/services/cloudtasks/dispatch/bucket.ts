/** A token bucket: what may be dispatched now, and when the next may be. Google: tasks/v2/queue.proto, max_burst_size. */
export interface Bucket {
  /** Tokens at `atMs`. */
  readonly tokens: number;
  readonly atMs: number;
}

/** Tokens a second, and how many there are at most. */
export interface BucketRate {
  readonly perSecond: number;
  readonly burst: number;
}

/** The bucket at a later time. */
export function refilled({ tokens, atMs }: Bucket, { perSecond, burst }: BucketRate, nowMs: number): Bucket {
  const elapsedMs = Math.max(nowMs - atMs, 0);
  return { tokens: Math.min(tokens + (elapsedMs * perSecond) / 1000, burst), atMs: nowMs };
}

/** Milliseconds until there is a whole token. */
export function nextTokenMs({ tokens }: Bucket, { perSecond }: BucketRate): number {
  return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) * 1000) / perSecond);
}
