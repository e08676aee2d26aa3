import { RegistryError } from "../../../oci/distribution/errors.ts";
import type { RegistryStorage, StoredManifest } from "../../../oci/distribution/storage.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import { describeImage } from "../images/describe-image.ts";
import type { Place } from "../images/place.ts";
import type { ManifestRow } from "../images/store.ts";
import { deleteManifest } from "../images/delete-manifest.ts";
import type { RegistryModel } from "../model.ts";
import { hasImmutableTags } from "../repositories/repository.ts";
import type { PlaceOf } from "./registry-storage.ts";

type ManifestMethods = Pick<
  RegistryStorage,
  "putManifest" | "getManifest" | "deleteManifest" | "listReferrers" | "resolveTag" | "listTags" | "deleteTag"
>;

/** The part of the registry's storage that concerns manifests and tags. */
export function manifestMethods(model: RegistryModel, placeOf: PlaceOf): ManifestMethods {
  const { store, imageStore, clock } = model;
  return {
    async putManifest(name, manifest, tags) {
      const place = await placeOf(name);
      const described = await describeImage(model, place, manifest);
      const nowMs = clock.nowMs();
      await store.transact(async (transaction) => {
        await checkTags(model, transaction, place, tags, manifest.digest);
        const row = { ...manifest, ...described, uploadTimeMs: nowMs, updateTimeMs: nowMs };
        await imageStore.putManifest(transaction, place, row);
        for (const tag of tags) await imageStore.putTag(transaction, place, tag, manifest.digest);
        if (tags.length === 0) {
          await model.imageEvents.changed(transaction, place, { action: "INSERT", digest: manifest.digest });
        }
      });
    },
    async getManifest(name, digest) {
      const row = await imageStore.getManifest(await placeOf(name), digest);
      return row && toStored(row);
    },
    async deleteManifest(name, digest) {
      const place = await placeOf(name);
      return store.transact((transaction) => deleteManifest(model, transaction, place, digest));
    },
    listReferrers: async (name, digest) => (await imageStore.listReferrers(await placeOf(name), digest)).map(toStored),
    resolveTag: async (name, tag) => (await imageStore.getTag(await placeOf(name), tag))?.digest,
    async listTags(name, { after = "", limit }) {
      return (await imageStore.pageTags(await placeOf(name), after, limit)).map(({ tag }) => tag);
    },
    async deleteTag(name, tag) {
      const place = await placeOf(name);
      return store.transact(async (transaction) => {
        if (await isImmutable(model, transaction, place)) throw immutableTag(tag);
        return imageStore.deleteTag(transaction, place, tag);
      });
    },
  };
}

async function checkTags(
  model: RegistryModel,
  transaction: StoreTransaction,
  place: Place,
  tags: readonly string[],
  digest: string,
): Promise<void> {
  if (tags.length === 0 || !(await isImmutable(model, transaction, place))) return;
  for (const tag of tags) {
    const present = await model.imageStore.getTag(place, tag, transaction);
    if (present && present.digest !== digest) throw immutableTag(tag);
  }
}

async function isImmutable(
  { repositories }: RegistryModel,
  transaction: StoreTransaction,
  place: Place,
): Promise<boolean> {
  const row = await repositories.get(place.repository, transaction);
  return row !== undefined && hasImmutableTags(row);
}

function immutableTag(tag: string): RegistryError {
  const message = `cannot update tag ${tag}. The repository has enabled tag immutability`;
  return new RegistryError(400, "MANIFEST_INVALID", message);
}

function toStored({ digest, mediaType, content, subject, artifactType, annotations }: ManifestRow): StoredManifest {
  return {
    digest,
    mediaType,
    content,
    ...(subject !== undefined && { subject }),
    ...(artifactType !== undefined && { artifactType }),
    ...(annotations && { annotations }),
  };
}
