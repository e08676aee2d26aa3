import { Code } from "../../gen/google/rpc/code_pb.js";
import type { Call } from "../../wire/call.ts";
import { bucketName } from "./buckets/bucket.ts";
import { accessDenied, anonymousDenied, StorageError } from "./errors.ts";
import type { StorageModel } from "./model.ts";

/**
 * Rejects a caller who does not have the permission on a bucket, or on the project where no bucket is named. What the policy
 * gives to everybody counts unless the bucket prevents public access.
 */
export async function requirePermission(
  { access, buckets, bucketStore }: Pick<StorageModel, "access" | "buckets" | "bucketStore">,
  { principal }: Call,
  permission: string,
  { bucketId, objectName, project }: Place,
): Promise<void> {
  if (permission === "none" || principal.kind === "owner" || principal.kind === "serviceAgent") return;
  const row = bucketId === undefined ? undefined : await bucketStore.get(bucketId);
  // Names of buckets are no secret: who has an identity is told that there is none.
  if (bucketId !== undefined && !row && principal.kind !== "anonymous") return;
  const owner = row?.project ?? project;
  const name = bucketId === undefined ? `projects/${owner}` : nameOf(bucketId, objectName);
  const kind = permission.includes("objects") ? "object" : "bucket";
  const resource = {
    name,
    resourceService: "storage.googleapis.com",
    resourceType: `storage.googleapis.com/${objectName === undefined ? "Bucket" : "Object"}`,
    ...(owner !== undefined && { project: owner }),
  };
  const reason = await access.reasonFor(principal, permission, resource);
  const isPublic = reason?.member === "allUsers" || reason?.member === "allAuthenticatedUsers";
  if (reason && !(isPublic && bucketId !== undefined && (await isClosedToPublic(buckets, bucketId)))) return;
  if (principal.kind === "anonymous") throw anonymousDenied(permission, kind);
  throw accessDenied(principal.email, permission, kind);
}

/** What a request is about. */
export interface Place {
  readonly bucketId?: string | undefined;
  readonly objectName?: string | undefined;
  /** For requests about no bucket. */
  readonly project?: string | undefined;
}

function nameOf(bucketId: string, objectName: string | undefined): string {
  return objectName === undefined ? bucketName(bucketId) : `${bucketName(bucketId)}/objects/${objectName}`;
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
