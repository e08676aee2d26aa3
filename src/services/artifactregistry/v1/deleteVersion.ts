import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { deleteVersionIn } from "../images/delete-version.ts";
import type { RegistryModel } from "../model.ts";
import { finishedOperation } from "./finished-operation.ts";
import { parseChildName } from "./names.ts";

/** Google: service.proto, DeleteVersion; the operation is done when it is answered. */
export const deleteVersion = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.deleteVersion,
    { permission: "artifactregistry.versions.delete", audit: "DATA_WRITE" },
    ({ name, force }) => {
      const { id, ...place } = parseChildName(name, "versions", "name");
      return model.store.transact(async (transaction) => {
        await deleteVersionIn(model, transaction, place, id, force);
        return finishedOperation(model, transaction, name, EmptySchema, create(EmptySchema));
      });
    },
  );
