import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import type { RegistryModel } from "../model.ts";
import { toRepository } from "../repositories/repository.ts";

/** Google: service.proto, GetRepository. */
export const getRepository = ({ repositories, blobStore }: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.getRepository,
    { permission: "artifactregistry.repositories.get", audit: "ADMIN_READ" },
    async ({ name }) => {
      const row = await repositories.get(name);
      if (!row) throw requestedEntityNotFound(name);
      return toRepository(row, await blobStore.sizeOf(name));
    },
  );
