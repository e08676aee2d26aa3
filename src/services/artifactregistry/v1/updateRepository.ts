import { create } from "@bufbuild/protobuf";
import { FieldMaskSchema } from "@bufbuild/protobuf/wkt";
import { RepositorySchema } from "../../../gen/google/devtools/artifactregistry/v1/repository_pb.js";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { applyFieldMask, populatedFields } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import type { RegistryModel } from "../model.ts";
import { changedRepository, toRepository } from "../repositories/repository.ts";

/** Google: service.proto, UpdateRepository. */
export const updateRepository = ({ repositories, blobStore, store, clock }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.updateRepository,
    { permission: "artifactregistry.repositories.update", audit: "ADMIN_WRITE" },
    async ({ repository, updateMask }) => {
      const name = repository?.name ?? "";
      const row = await store.transact(async (transaction) => {
        const row = await repositories.get(name, transaction);
        if (!row) throw requestedEntityNotFound(name);
        const paths = updateMask?.paths ?? populatedFields(RepositorySchema, repository!);
        const current = toRepository(row, 0);
        const changed = applyFieldMask(RepositorySchema, current, repository!, create(FieldMaskSchema, { paths }));
        return repositories.update(transaction, changedRepository(row, changed, clock.nowMs()));
      });
      return toRepository(row, await blobStore.sizeOf(name));
    },
  );
