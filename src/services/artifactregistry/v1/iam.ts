import { ArtifactRegistry } from "../../../gen/google/devtools/artifactregistry/v1/service_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { RegistryModel } from "../model.ts";
import { assertRepository } from "./assert-repository.ts";

/** Google: service.proto, GetIamPolicy, SetIamPolicy and TestIamPermissions, of repositories. */
export function iamRpcs(model: RegistryModel) {
  const { store, policies } = model;
  const methods = createIamMethods({ store, policies, assertExists: (name) => assertRepository(model, name) });
  return [
    rpc(
      ArtifactRegistry.method.getIamPolicy,
      { permission: "artifactregistry.repositories.getIamPolicy", audit: "ADMIN_READ" },
      methods.getIamPolicy,
    ),
    rpc(
      ArtifactRegistry.method.setIamPolicy,
      { permission: "artifactregistry.repositories.setIamPolicy", audit: "ADMIN_WRITE" },
      methods.setIamPolicy,
    ),
    rpc(ArtifactRegistry.method.testIamPermissions, { permission: "none", audit: "none" }, methods.testIamPermissions),
  ];
}
