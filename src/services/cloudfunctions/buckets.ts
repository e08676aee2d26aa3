import { Code } from "../../gen/google/rpc/code_pb.js";
import { Storage } from "../../gen/google/storage/v2/storage_pb.js";
import type { Client } from "../../wire/in-process/client.ts";
import { unless } from "./api-errors.ts";
import type { Deps } from "./deps.ts";
import { agentOf, type LocationName } from "./function-name.ts";

/** Cloud Storage, called as the project's Cloud Functions service agent. */
export function storageOf({ clients }: Pick<Deps, "clients">, project: string): Client<typeof Storage> {
  return clients.of(Storage, agentOf(project));
}

/** projects/_/buckets/BUCKET */
export function bucketName(bucket: string): string {
  return `projects/_/buckets/${bucket}`;
}

/** Makes a bucket of Cloud Functions if it is not there: regional, uniform access, no retention. */
export async function ensureBucket(
  deps: Pick<Deps, "clients">,
  { project, location }: LocationName,
  bucketId: string,
  options: { readonly versioning: boolean },
): Promise<void> {
  const storage = storageOf(deps, project);
  if (await unless(storage.getBucket({ name: bucketName(bucketId) }), Code.NOT_FOUND)) return;
  const bucket = {
    project: `projects/${project}`,
    location: location.toUpperCase(),
    labels: { "goog-managed-by": "cloudfunctions" },
    versioning: { enabled: options.versioning },
    iamConfig: { uniformBucketLevelAccess: { enabled: true } },
  };
  await unless(storage.createBucket({ parent: "projects/_", bucketId, bucket }), Code.ALREADY_EXISTS);
}
