import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { RegistryModel } from "../model.ts";

/** Deletes one image of a repository, or all of them, with manifests, tags and blobs. */
export async function deleteImages(
  { imageStore, blobStore, contentStore }: Pick<RegistryModel, "imageStore" | "blobStore" | "contentStore">,
  transaction: StoreTransaction,
  repository: string,
  image?: string,
): Promise<void> {
  for (const content of await blobStore.contentsIn(transaction, repository, image)) {
    await contentStore.release(transaction, content);
  }
  await imageStore.deleteAll(transaction, repository, image);
  await blobStore.dropAll(transaction, repository, image);
}
