import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Place } from "../images/place.ts";
import { LIMITS } from "../limits.ts";
import { type RegistryModel, WAKEUPS } from "../model.ts";

type HoldDeps = Pick<RegistryModel, "blobStore" | "contentStore" | "wakeups" | "clock">;

/** Makes stored and verified content a blob of an image; content that is there already under its digest is used instead. */
export async function holdContent(
  deps: HoldDeps,
  transaction: StoreTransaction,
  place: Place,
  stored: { readonly digest: string; readonly content: string; readonly sizeBytes: number },
): Promise<void> {
  const present = await deps.blobStore.contentOf(transaction, stored.digest);
  if (present) await deps.contentStore.release(transaction, stored.content);
  else await deps.blobStore.insertContent(transaction, stored);
  await holdBlob(deps, transaction, place, stored.digest);
}

/** Makes a blob whose content is there one of an image, and has a look later whether a manifest names it. */
export async function holdBlob(
  { blobStore, wakeups, clock }: HoldDeps,
  transaction: StoreTransaction,
  place: Place,
  digest: string,
): Promise<void> {
  const nowMs = clock.nowMs();
  await blobStore.hold(transaction, place, digest, nowMs);
  await wakeups.wake(transaction, WAKEUPS.image, imageKey(place), nowMs + LIMITS.unusedBlobMs);
}

/** Key of an image's wake-up. */
export function imageKey({ repository, image }: Place): string {
  return JSON.stringify([repository, image]);
}

/** The image of a wake-up's key. */
export function parseImageKey(key: string): Place {
  const [repository, image] = JSON.parse(key) as [string, string];
  return { repository, image };
}
