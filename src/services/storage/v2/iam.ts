import { Storage } from "../../../gen/google/storage/v2/storage_pb.js";
import { createIamMethods } from "../../../wire/iam/rpcs.ts";
import { rpc } from "../../../wire/rpc.ts";
import type { StorageModel } from "../model.ts";
import { bucketIdOf } from "./names.ts";

/** Google: storage.proto, GetIamPolicy, SetIamPolicy and TestIamPermissions, of buckets. */
export function iamRpcs({ store, policies, buckets }: StorageModel) {
  const methods = createIamMethods({
    store,
    policies,
    assertExists: async (resource) => void (await buckets.get(bucketIdOf(resource, "resource"))),
  });
  return [
    rpc(
      Storage.method.getIamPolicy,
      { permission: "storage.buckets.getIamPolicy", audit: "ADMIN_READ" },
      methods.getIamPolicy,
    ),
    rpc(
      Storage.method.setIamPolicy,
      { permission: "storage.buckets.setIamPolicy", audit: "ADMIN_WRITE" },
      methods.setIamPolicy,
    ),
    rpc(Storage.method.testIamPermissions, { permission: "none", audit: "none" }, methods.testIamPermissions),
  ];
}
