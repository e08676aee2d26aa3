import type { DeliverySettings } from "./types.ts";

/** How long a message waits after so many deliveries that were not acknowledged, ms: twice as long each time. */
export function backoffMs({ backoff }: DeliverySettings, failures: number): number {
  if (!backoff) return 0;
  return Math.min(backoff.maxMs, backoff.minMs * 2 ** Math.min(failures - 1, 40));
}
