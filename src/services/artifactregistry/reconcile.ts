import type { Reconcile } from "../../platform/wakeups/wakeups.ts";
import { parseImageKey } from "./docker/hold-blob.ts";
import { namedBy } from "./images/describe-image.ts";
import { LIMITS } from "./limits.ts";
import { type RegistryModel, WAKEUPS } from "./model.ts";

/** What looks at the registry's wake-ups. */
export function reconcilers(model: RegistryModel): Record<string, Reconcile> {
  return {
    [WAKEUPS.content]: model.contentStore.reconcile,
    [WAKEUPS.image]: reconcileImage(model),
    [WAKEUPS.upload]: reconcileUpload(model),
    ...model.outbox.reconcilers,
  };
}

/** Drops the blobs that no manifest of the image names once nobody has used them for a while. */
function reconcileImage({ store, clock, imageStore, blobStore, contentStore }: RegistryModel): Reconcile {
  return async (key) => {
    const place = parseImageKey(key);
    return store.transact(async (transaction) => {
      const manifests = await imageStore.listManifests(place.repository, place.image, transaction);
      const named = new Set(manifests.flatMap(({ content, mediaType }) => namedBy(content, mediaType)));
      const unnamed = (await blobStore.list(transaction, place)).filter(({ digest }) => !named.has(digest));
      const lastUseMs = clock.nowMs() - LIMITS.unusedBlobMs;
      for (const { digest } of unnamed.filter(({ useTimeMs }) => useTimeMs <= lastUseMs)) {
        const blob = await blobStore.get(place, digest, transaction);
        if (blob) await contentStore.release(transaction, blob.content);
        await blobStore.drop(transaction, place, digest);
      }
      const waitsMs = unnamed.map(({ useTimeMs }) => useTimeMs - lastUseMs).filter((ms) => ms > 0);
      return waitsMs.length === 0 ? { settled: true } : { settled: false, retryInMs: Math.min(...waitsMs) };
    });
  };
}

/** Ends an upload that nobody finished. */
function reconcileUpload({ store, clock, uploadStore, contentStore }: RegistryModel): Reconcile {
  return async (id) => {
    const upload = await uploadStore.get(id);
    if (!upload) return { settled: true };
    const leftMs = upload.createTimeMs + LIMITS.uploadMs - clock.nowMs();
    if (leftMs > 0) return { settled: false, retryInMs: leftMs };
    await store.transact(async (transaction) => {
      await contentStore.release(transaction, upload.content);
      await uploadStore.delete(transaction, id);
    });
    return { settled: true };
  };
}
