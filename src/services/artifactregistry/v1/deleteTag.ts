import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound, tagIsImmutable } from "../errors.ts";
import type { RegistryModel } from "../model.ts";
import { hasImmutableTags } from "../repositories/repository.ts";
import { parseChildName } from "./names.ts";

/** Google: service.proto, DeleteTag. */
export const deleteTag = ({ imageStore, repositories, store }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.deleteTag,
    { permission: "artifactregistry.tags.delete", audit: "DATA_WRITE" },
    ({ name }) => {
      const { id, ...place } = parseChildName(name, "tags", "name");
      return store.transact(async (transaction) => {
        const repository = await repositories.get(place.repository, transaction);
        if (repository && hasImmutableTags(repository)) throw tagIsImmutable(id);
        if (!(await imageStore.deleteTag(transaction, place, id))) throw requestedEntityNotFound(name);
        return {};
      });
    },
  );
