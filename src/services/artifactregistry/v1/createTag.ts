import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { alreadyExists } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import { toTag } from "../images/messages.ts";
import { tagName } from "../images/place.ts";
import { versionOfTag } from "../images/version-of-tag.ts";
import type { RegistryModel } from "../model.ts";
import { parsePackageName } from "./names.ts";

/** Google: service.proto, CreateTag. */
export const createTag = ({ imageStore, store }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.createTag,
    { permission: "artifactregistry.tags.create", audit: "DATA_WRITE" },
    ({ parent, tagId, tag }) => {
      const place = parsePackageName(parent, "parent");
      return store.transact(async (transaction) => {
        const digest = await versionOfTag(imageStore, transaction, place, tagId, tag?.version ?? "");
        if (await imageStore.getTag(place, tagId, transaction)) throw alreadyExists(tagName(place, tagId));
        await imageStore.putTag(transaction, place, tagId, digest);
        return toTag(place.repository, { image: place.image, tag: tagId, digest });
      });
    },
  );
