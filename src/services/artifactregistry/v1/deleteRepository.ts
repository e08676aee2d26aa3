import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { requestedEntityNotFound } from "../errors.ts";
import { deleteImages } from "../images/delete-images.ts";
import type { RegistryModel } from "../model.ts";
import { finishedOperation } from "./finished-operation.ts";

/** Google: service.proto, DeleteRepository: with everything in it; the operation is done when it is answered. */
export const deleteRepository = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.deleteRepository,
    { permission: "artifactregistry.repositories.delete", audit: "ADMIN_WRITE" },
    ({ name }) =>
      model.store.transact(async (transaction) => {
        if (!(await model.repositories.delete(transaction, name))) throw requestedEntityNotFound(name);
        await deleteImages(model, transaction, name);
        await model.policies.delete(transaction, name);
        return finishedOperation(model, transaction, name, EmptySchema, create(EmptySchema));
      }),
  );
