import { create } from "@bufbuild/protobuf";
import { type Policy, PolicySchema } from "../../../gen/google/iam/v1/policy_pb.js";

/**
 * The policy of a new bucket: who has a basic role on the project has its legacy counterpart on the bucket and its objects.
 * Google: cloud.google.com/storage/docs/access-control/iam-roles, "Default roles".
 */
export function defaultBucketPolicy(project: string): Policy {
  const writers = [`projectEditor:${project}`, `projectOwner:${project}`];
  const readers = [`projectViewer:${project}`];
  return create(PolicySchema, {
    bindings: [
      { role: "roles/storage.legacyBucketOwner", members: writers },
      { role: "roles/storage.legacyBucketReader", members: readers },
      { role: "roles/storage.legacyObjectOwner", members: writers },
      { role: "roles/storage.legacyObjectReader", members: readers },
    ],
  });
}
