import { create } from "@bufbuild/protobuf";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { deleteVersionIn } from "../images/delete-version.ts";
import type { RegistryModel } from "../model.ts";
import { finishedOperation } from "./finished-operation.ts";
import { parseChildName } from "./names.ts";
import { unsupportedField } from "../../../wire/errors.ts";

/** Google: service.proto, BatchDeleteVersions: all of them or none; the operation is done when it is answered. */
export const batchDeleteVersions = (model: RegistryModel) =>
  rpc(
    ArtifactRegistry.method.batchDeleteVersions,
    { permission: "artifactregistry.versions.delete", audit: "DATA_WRITE" },
    ({ parent, names, validateOnly }) => {
      if (validateOnly) throw unsupportedField("validate_only");
      return model.store.transact(async (transaction) => {
        for (const name of names) {
          const { id, ...place } = parseChildName(name, "versions", "names");
          await deleteVersionIn(model, transaction, place, id, true);
        }
        return finishedOperation(model, transaction, parent, EmptySchema, create(EmptySchema));
      });
    },
  );
