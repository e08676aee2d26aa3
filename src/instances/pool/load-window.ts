import type { LoadStats } from "./autoscale.ts";

/** What instances were asked for over the last minute. Times never go back. */
export interface LoadWindow {
  /** From now on there are this many requests, those that wait included. */
  setRequests(nowMs: number, requests: number): void;
  /** CPU time that was used just before. */
  addCpu(nowMs: number, seconds: number): void;
  /** The averages; a time before the first call counts as one without load. */
  average(nowMs: number): LoadStats;
}

/** Google: Cloud Run, "About instance autoscaling": averages over one minute. */
const WINDOW_MS = 60_000;
/** Google: the autoscaler looks every five seconds. */
export const BUCKET_MS = 5_000;

interface Bucket {
  /** Which bucket since the epoch. */
  readonly index: number;
  requestMs: number;
  cpuSeconds: number;
}

export function loadWindow(): LoadWindow {
  const buckets: Bucket[] = [];
  let requests = 0;
  let countedMs = 0;

  const bucketAt = (index: number): Bucket => {
    const last = buckets.at(-1);
    if (last !== undefined && last.index >= index) return last;
    const bucket = { index, requestMs: 0, cpuSeconds: 0 };
    buckets.push(bucket);
    const oldest = index - WINDOW_MS / BUCKET_MS;
    while (buckets[0] !== undefined && buckets[0].index <= oldest) buckets.shift();
    return bucket;
  };
  const count = (nowMs: number) => {
    let fromMs = requests === 0 ? nowMs : Math.max(countedMs, nowMs - WINDOW_MS);
    while (fromMs < nowMs) {
      const index = Math.floor(fromMs / BUCKET_MS);
      const toMs = Math.min(nowMs, (index + 1) * BUCKET_MS);
      bucketAt(index).requestMs += requests * (toMs - fromMs);
      fromMs = toMs;
    }
    countedMs = nowMs;
  };

  return {
    setRequests(nowMs, value) {
      count(nowMs);
      requests = value;
    },
    addCpu: (nowMs, seconds) => void (bucketAt(Math.floor(nowMs / BUCKET_MS)).cpuSeconds += seconds),
    average(nowMs) {
      count(nowMs);
      const oldest = Math.floor(nowMs / BUCKET_MS) - WINDOW_MS / BUCKET_MS;
      const current = buckets.filter(({ index }) => index > oldest);
      const requestMs = current.reduce((sum, bucket) => sum + bucket.requestMs, 0);
      const cpuSeconds = current.reduce((sum, bucket) => sum + bucket.cpuSeconds, 0);
      return { requests: requestMs / WINDOW_MS, cpus: (cpuSeconds * 1000) / WINDOW_MS };
    },
  };
}
