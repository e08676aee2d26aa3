import type { StoreTransaction } from "../../../platform/store/store.ts";
import { imageKey } from "../docker/hold-blob.ts";
import { LIMITS } from "../limits.ts";
import { type RegistryModel, WAKEUPS } from "../model.ts";
import type { Place } from "./place.ts";

/** Deletes a manifest with its tags; its blobs are looked at later. False when there is none. */
export async function deleteManifest(
  { imageStore, wakeups, clock }: Pick<RegistryModel, "imageStore" | "wakeups" | "clock">,
  transaction: StoreTransaction,
  place: Place,
  digest: string,
): Promise<boolean> {
  const deleted = await imageStore.deleteManifest(transaction, place, digest);
  const dueMs = clock.nowMs() + LIMITS.unusedBlobMs;
  if (deleted) await wakeups.wake(transaction, WAKEUPS.image, imageKey(place), dueMs);
  return deleted;
}
