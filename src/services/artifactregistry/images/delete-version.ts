import type { StoreTransaction } from "../../../platform/store/store.ts";
import { isIndexType } from "../../../oci/media-types.ts";
import { requestedEntityNotFound, versionHasParents, versionIsTagged } from "../errors.ts";
import type { RegistryModel } from "../model.ts";
import { deleteManifest } from "./delete-manifest.ts";
import { namedBy } from "./describe-image.ts";
import { type Place, versionName } from "./place.ts";
import type { ManifestRow } from "./store.ts";

/** Deletes a version: rejects one that is not there, that an index names, or that is tagged unless `force` is set. */
export async function deleteVersionIn(
  model: RegistryModel,
  transaction: StoreTransaction,
  place: Place,
  digest: string,
  force: boolean,
): Promise<void> {
  const { repository, image } = place;
  const name = versionName(place, digest);
  const tags = await model.imageStore.listTags(repository, image, transaction);
  const mine = tags.filter((tag) => tag.digest === digest);
  if (mine.length > 0 && !force)
    throw versionIsTagged(
      name,
      mine.map(({ tag }) => tag),
    );
  const manifests = await model.imageStore.listManifests(repository, image, transaction);
  const parents = manifests
    .filter(({ mediaType, content }) => isIndexType(mediaType) && namedBy(content, mediaType).includes(digest))
    .map((parent) => parent.digest);
  if (parents.length > 0) throw versionHasParents(name, parents);
  if (!(await deleteManifest(model, transaction, place, digest))) throw requestedEntityNotFound(name);
  await deleteReferrers(model, transaction, place, manifests, digest);
}

/** What is attached to a version goes with it: signatures, provenance, SBOMs, and what is attached to those. */
async function deleteReferrers(
  model: RegistryModel,
  transaction: StoreTransaction,
  place: Place,
  manifests: readonly ManifestRow[],
  digest: string,
): Promise<void> {
  for (const referrer of manifests.filter(({ subject }) => subject === digest)) {
    await deleteManifest(model, transaction, place, referrer.digest);
    await deleteReferrers(model, transaction, place, manifests, referrer.digest);
  }
}
