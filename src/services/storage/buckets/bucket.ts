import { clone, create } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Bucket,
  Bucket_IamConfig_UniformBucketLevelAccessSchema,
  Bucket_IamConfigSchema,
  Bucket_VersioningSchema,
  BucketSchema,
} from "../../../gen/google/storage/v2/storage_pb.js";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { invalidValue } from "../errors.ts";
import { bucketEtag } from "../etags.ts";
import { DEFAULT_LOCATION, locationTypeOf } from "../locations.ts";
import { refuseUnsupported, UNSUPPORTED_BUCKET_FIELDS } from "../unsupported-fields.ts";
import { checkBucketName, checkLabels, checkStorageClass } from "../validate.ts";

/** Resource name of a bucket in google.storage.v2. */
export function bucketName(bucketId: string): string {
  return `projects/_/buckets/${bucketId}`;
}

/** A new bucket as asked for, with Cloud Storage's defaults; rejects what is not valid or not supported. */
export function newBucket(project: string, bucketId: string, asked: Bucket, nowMs: number): Bucket {
  checkBucketName(bucketId);
  const now = timestampFromMs(nowMs);
  const location = (asked.location || DEFAULT_LOCATION).toUpperCase();
  const bucket = create(BucketSchema, {
    ...settable(asked),
    name: bucketName(bucketId),
    bucketId,
    project: `projects/${projectNumberOf(project)}`,
    location,
    locationType: locationTypeOf(location),
    metageneration: 1n,
    createTime: now,
    updateTime: now,
  });
  return completed(bucket);
}

/** `current` with the settable fields of `wanted`; rejects what is not valid, not supported or cannot change. */
export function changedBucket(current: Bucket, wanted: Bucket, nowMs: number): Bucket {
  if (wanted.location && wanted.location.toUpperCase() !== current.location) {
    throw invalidValue("The location of a bucket cannot be changed.", "location");
  }
  const metageneration = current.metageneration + 1n;
  return completed(
    create(BucketSchema, {
      ...clone(BucketSchema, current),
      ...settable(wanted),
      metageneration,
      updateTime: timestampFromMs(nowMs),
    }),
  );
}

function settable(asked: Bucket) {
  refuseUnsupported(asked, UNSUPPORTED_BUCKET_FIELDS);
  checkStorageClass(asked.storageClass);
  checkLabels(asked.labels);
  const { storageClass, cors, labels, rpo, versioning, iamConfig } = asked;
  if (rpo !== "" && rpo !== "DEFAULT") throw invalidValue(`Invalid argument: rpo ${rpo}.`, "rpo");
  return {
    storageClass: storageClass || "STANDARD",
    cors,
    labels,
    rpo,
    versioning: create(Bucket_VersioningSchema, { enabled: versioning?.enabled ?? false }),
    iamConfig: create(Bucket_IamConfigSchema, {
      uniformBucketLevelAccess: create(Bucket_IamConfig_UniformBucketLevelAccessSchema, {
        enabled: iamConfig?.uniformBucketLevelAccess?.enabled ?? false,
      }),
      publicAccessPrevention: publicAccessPreventionOf(iamConfig?.publicAccessPrevention ?? ""),
    }),
  };
}

function completed(bucket: Bucket): Bucket {
  bucket.etag = bucketEtag(bucket.metageneration);
  if (bucket.locationType !== "region" && bucket.rpo === "") bucket.rpo = "DEFAULT";
  return bucket;
}

function publicAccessPreventionOf(asked: string): string {
  if (asked === "" || asked === "unspecified" || asked === "inherited") return "inherited";
  if (asked === "enforced") return asked;
  throw invalidValue(`Invalid argument: publicAccessPrevention ${asked}.`, "publicAccessPrevention");
}
