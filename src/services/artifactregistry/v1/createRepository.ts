import { RepositorySchema } from "../../../gen/google/devtools/artifactregistry/v1/repository_pb.js";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { alreadyExists } from "../../../wire/errors.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { RegistryModel } from "../model.ts";
import { newRepository, toRepository } from "../repositories/repository.ts";
import { finishedOperation } from "./finished-operation.ts";

/** Google: service.proto, CreateRepository; the operation is done when it is answered. */
export const createRepository = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.createRepository,
    { permission: "artifactregistry.repositories.create", audit: "ADMIN_WRITE" },
    async ({ parent, repositoryId, repository }) => {
      const row = newRepository(parent, repositoryId, repository!, model.ids.uuid(), model.clock.nowMs());
      try {
        return await model.store.transact(async (transaction) => {
          await model.repositories.insert(transaction, row);
          return finishedOperation(model, transaction, row.name, RepositorySchema, toRepository(row, 0));
        });
      } catch (error) {
        if (error instanceof DuplicateResourceError) throw alreadyExists(row.name, "the repository already exists");
        throw error;
      }
    },
  );
