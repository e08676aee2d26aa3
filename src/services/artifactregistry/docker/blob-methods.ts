import { BlobNotFoundError } from "../../../platform/blobs/blobs.ts";
import { DigestMismatchError, verifyDigest } from "../../../oci/digest.ts";
import type { RegistryStorage } from "../../../oci/distribution/storage.ts";
import { LIMITS } from "../limits.ts";
import type { RegistryModel } from "../model.ts";
import { holdBlob, holdContent } from "./hold-blob.ts";
import type { PlaceOf } from "./registry-storage.ts";

type BlobMethods = Pick<
  RegistryStorage,
  "repositoryExists" | "blobSize" | "openBlob" | "putBlob" | "mountBlob" | "deleteBlob"
>;

/** The part of the registry's storage that concerns blobs. */
export function blobMethods(model: RegistryModel, placeOf: PlaceOf): BlobMethods {
  const { store, blobStore, imageStore, contentStore, clock } = model;
  return {
    async repositoryExists(name) {
      const place = await placeOf(name);
      if (await blobStore.anyIn(place)) return true;
      return (await imageStore.listManifests(place.repository, place.image)).length > 0;
    },
    async blobSize(name, digest) {
      const place = await placeOf(name);
      const blob = await blobStore.get(place, digest);
      if (!blob) return undefined;
      // Who asks is about to name the blob in a manifest: it must not be collected meanwhile.
      if (blob.useTimeMs < clock.nowMs() - LIMITS.useTimeStepMs) {
        await store.transact((transaction) => holdBlob(model, transaction, place, digest));
      }
      return blob.sizeBytes;
    },
    async openBlob(name, digest, range) {
      const blob = await blobStore.get(await placeOf(name), digest);
      if (!blob) throw new BlobNotFoundError(`${name} does not hold ${digest}`);
      return contentStore.open(blob.content, range);
    },
    async putBlob(name, digest, content) {
      const place = await placeOf(name);
      const stored = await unlessMismatch(() => contentStore.put(verifyDigest(content, digest)));
      if (!stored) return false;
      await store.transact((transaction) => holdContent(model, transaction, place, { ...stored, digest }));
      return true;
    },
    async mountBlob(from, digest, to) {
      const [source, target] = [await placeOf(from), await placeOf(to)];
      return store.transact(async (transaction) => {
        const blob = await blobStore.get(source, digest, transaction);
        if (blob) await holdBlob(model, transaction, target, digest);
        return blob !== undefined;
      });
    },
    async deleteBlob(name, digest) {
      const place = await placeOf(name);
      return store.transact(async (transaction) => {
        const blob = await blobStore.get(place, digest, transaction);
        if (blob) await contentStore.release(transaction, blob.content);
        return blobStore.drop(transaction, place, digest);
      });
    },
  };
}

/** The result of `work`; undefined when content was not what its digest says. */
export async function unlessMismatch<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DigestMismatchError) return undefined;
    throw error;
  }
}
