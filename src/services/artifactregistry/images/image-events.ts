import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outbox } from "../../../wire/outbox/outbox.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { imageUri, type Place, registryUri } from "./place.ts";
import type { ImageStore } from "./store.ts";

/** A change of an image: a manifest, a tag, or a tag that a manifest gets. */
interface ImageChange {
  readonly action: "INSERT" | "DELETE";
  readonly digest?: string;
  readonly tag?: string;
}

/**
 * Tells the topic `gcr` of a repository's project what happens to images, if there is such a topic.
 * Google: cloud.google.com/artifact-registry/docs/configure-notifications.
 */
export interface ImageEvents {
  changed(transaction: StoreTransaction, place: Place, ...changes: readonly ImageChange[]): Promise<void>;
}

export function createImageEvents(outbox: Outbox): ImageEvents {
  return {
    async changed(transaction, place, ...changes) {
      const project = place.repository.split("/")[1] ?? "";
      const agent = `service-${projectNumberOf(project)}@gcp-sa-artifactregistry.iam.gserviceaccount.com`;
      const messages = changes.map((change) => {
        const data = Buffer.from(JSON.stringify(shown(place, change)));
        return { topic: `projects/${project}/topics/gcr`, agent, message: { data } };
      });
      await outbox.add(transaction, messages);
    },
  };
}

function shown(place: Place, { action, digest, tag }: ImageChange) {
  return {
    action,
    ...(digest !== undefined && { digest: imageUri(place, digest) }),
    ...(tag !== undefined && { tag: `${registryUri(place.repository)}/${place.image}:${tag}` }),
  };
}

/** The same images, whose changes are told; a new manifest is told by its tags. */
export function tellingImageStore(images: ImageStore, events: ImageEvents): ImageStore {
  return {
    ...images,
    async putTag(transaction, place, tag, digest) {
      await images.putTag(transaction, place, tag, digest);
      await events.changed(transaction, place, { action: "INSERT", digest, tag });
    },
    async deleteTag(transaction, place, tag) {
      const deleted = await images.deleteTag(transaction, place, tag);
      if (deleted) await events.changed(transaction, place, { action: "DELETE", tag });
      return deleted;
    },
    async deleteManifest(transaction, place, digest) {
      const deleted = await images.deleteManifest(transaction, place, digest);
      if (deleted) await events.changed(transaction, place, { action: "DELETE", digest });
      return deleted;
    },
    async deleteAll(transaction, repository, image) {
      const manifests = await images.listManifests(repository, image, transaction);
      await images.deleteAll(transaction, repository, image);
      for (const each of manifests) {
        await events.changed(transaction, { repository, image: each.image }, { action: "DELETE", digest: each.digest });
      }
    },
  };
}
