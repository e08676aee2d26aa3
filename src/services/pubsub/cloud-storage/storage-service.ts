import { type ConsumerSet, createConsumerSet } from "../consumer-set.ts";
import type { Deliveries } from "../messages/engine.ts";
import { BucketWriter, type BucketWriterDeps } from "./bucket-writer.ts";

/** Writes the messages of all Cloud Storage subscriptions to their buckets. */
export function createStorageService(
  deps: BucketWriterDeps & { readonly deliveries: (subscription: string) => Deliveries },
): ConsumerSet {
  return createConsumerSet(
    ({ cloudStorageConfig }) => cloudStorageConfig !== undefined,
    (subscription) => new BucketWriter(deps, deps.deliveries(subscription.name), subscription),
  );
}
