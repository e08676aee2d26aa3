import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { deleteImages } from "../images/delete-images.ts";
import type { RegistryModel } from "../model.ts";
import { finishedOperation } from "./finished-operation.ts";
import { parsePackageName } from "./names.ts";

/** Google: service.proto, DeletePackage: with all versions and tags; the operation is done when it is answered. */
export const deletePackage = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.deletePackage,
    { permission: "artifactregistry.packages.delete", audit: "DATA_WRITE" },
    ({ name }) => {
      const { repository, image } = parsePackageName(name, "name");
      return model.store.transact(async (transaction) => {
        const manifests = await model.imageStore.listManifests(repository, image, transaction);
        if (manifests.length === 0) throw requestedEntityNotFound(name);
        await deleteImages(model, transaction, repository, image);
        return finishedOperation(model, transaction, name, EmptySchema, create(EmptySchema));
      });
    },
  );
