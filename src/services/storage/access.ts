import { Code } from "../../gen/google/rpc/code_pb.js";
import type { Call } from "../../wire/call.ts";
import { bucketName } from "./buckets/bucket.ts";
import { anonymousDenied, StorageError } from "./errors.ts";
import type { StorageModel } from "./model.ts";

/** What the roles that are given to the public allow. */
const PUBLIC_ROLES: Readonly<Record<string, readonly string[]>> = {
  "roles/storage.objectViewer": ["storage.objects.get", "storage.objects.list"],
  "roles/storage.legacyObjectReader": ["storage.objects.get"],
  "roles/storage.objectCreator": ["storage.objects.create"],
  "roles/storage.objectAdmin": [
    "storage.objects.get",
    "storage.objects.list",
    "storage.objects.create",
    "storage.objects.update",
    "storage.objects.delete",
  ],
};

/** Rejects a caller without identity unless the bucket's policy lets allUsers do it. */
export async function requirePermission(
  { policies, buckets }: Pick<StorageModel, "policies" | "buckets">,
  call: Call,
  permission: string,
  bucketId?: string,
): Promise<void> {
  if (call.principal.kind !== "anonymous" || permission === "none") return;
  if (bucketId !== undefined) {
    const { bindings } = await policies.get(bucketName(bucketId));
    const isPublic = bindings.some(
      ({ role, members }) => members.includes("allUsers") && PUBLIC_ROLES[role]?.includes(permission),
    );
    if (isPublic && !(await isClosedToPublic(buckets, bucketId))) return;
  }
  throw anonymousDenied(permission, permission.includes("objects") ? "object" : "bucket");
}

async function isClosedToPublic(buckets: StorageModel["buckets"], bucketId: string): Promise<boolean> {
  return (await buckets.get(bucketId)).iamConfig?.publicAccessPrevention === "enforced";
}

/** A valid request that the caller may not make. */
export function forbidden(message: string): StorageError {
  return new StorageError(Code.PERMISSION_DENIED, message, {
    httpStatus: 403,
    reason: "forbidden",
    xmlCode: "AccessDenied",
    xmlMessage: "Access denied.",
  });
}
