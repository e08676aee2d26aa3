import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound, tagIsImmutable } from "../errors.ts";
import { toTag } from "../images/messages.ts";
import { versionOfTag } from "../images/version-of-tag.ts";
import type { RegistryModel } from "../model.ts";
import { hasImmutableTags } from "../repositories/repository.ts";
import { parseChildName } from "./names.ts";

/** Google: service.proto, UpdateTag; the version is the only field to change. */
export const updateTag = ({ imageStore, repositories, store }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.updateTag,
    { permission: "artifactregistry.tags.update", audit: "DATA_WRITE" },
    ({ tag }) => {
      const { id, ...place } = parseChildName(tag?.name ?? "", "tags", "tag.name");
      return store.transact(async (transaction) => {
        const present = await imageStore.getTag(place, id, transaction);
        if (!present) throw requestedEntityNotFound(tag!.name);
        const digest = await versionOfTag(imageStore, transaction, place, id, tag!.version);
        const repository = await repositories.get(place.repository, transaction);
        if (digest !== present.digest && repository && hasImmutableTags(repository)) throw tagIsImmutable(id);
        await imageStore.putTag(transaction, place, id, digest);
        return toTag(place.repository, { ...present, digest });
      });
    },
  );
