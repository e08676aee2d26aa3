import type { Clock } from "../../platform/clock.ts";
import type { Store } from "../../platform/store/store.ts";
import type { Reconcile } from "../../platform/wakeups/wakeups.ts";
import type { ContentStore } from "../../platform/blobs/content-store.ts";
import { LIMITS } from "./limits.ts";
import type { UploadStore } from "./uploads/store.ts";

export interface ReconcileDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly uploadStore: UploadStore;
  readonly contentStore: ContentStore;
}

/** Ends an upload session a week after its start; the key is its id. */
export function reconcileUpload({ store, clock, uploadStore, contentStore }: ReconcileDeps): Reconcile {
  return async (id) => {
    const row = await uploadStore.get(id);
    if (!row) return { settled: true };
    const leftMs = row.createTimeMs + LIMITS.uploadSessionMs - clock.nowMs();
    if (leftMs > 0) return { settled: false, retryInMs: leftMs };
    await store.transact(async (transaction) => {
      const deleted = await uploadStore.delete(transaction, id);
      if (deleted) await contentStore.release(transaction, deleted.content);
    });
    return { settled: true };
  };
}
