import { create } from "@bufbuild/protobuf";
import {
  type Bucket,
  Bucket_CorsSchema,
  Bucket_IamConfig_UniformBucketLevelAccessSchema,
  Bucket_IamConfigSchema,
  Bucket_VersioningSchema,
  BucketSchema,
} from "../../../gen/google/storage/v2/storage_pb.js";
import { refuseUnsupported, UNSUPPORTED_BUCKET_FIELDS } from "../unsupported-fields.ts";
import type { Json } from "./json-call.ts";
import { flagOf, formatTime, listOf, mapOf, numberOf, objectOf, textOf, textsOf } from "./json-fields.ts";

/** A bucket as the JSON API shows it; links lead to where the client came from. */
export function bucketToJson(bucket: Bucket, origin: string) {
  const { bucketId: name, metageneration, location, locationType, storageClass, etag, rpo } = bucket;
  return {
    kind: "storage#bucket",
    selfLink: `${origin}/storage/v1/b/${name}`,
    id: name,
    name,
    projectNumber: bucket.project.replace("projects/", ""),
    metageneration: String(metageneration),
    location,
    locationType,
    storageClass,
    etag,
    ...(bucket.createTime && { timeCreated: formatTime(bucket.createTime) }),
    ...(bucket.updateTime && { updated: formatTime(bucket.updateTime) }),
    ...(rpo && { rpo }),
    ...(Object.keys(bucket.labels).length > 0 && { labels: bucket.labels }),
    ...(bucket.cors.length > 0 && { cors: bucket.cors.map(corsToJson) }),
    ...(bucket.versioning?.enabled && { versioning: { enabled: true } }),
    iamConfiguration: iamConfigToJson(bucket),
  };
}

/** The settable fields of a bucket; rejects by name those that homerun does not have. */
export function bucketFromJson(json: Json): Bucket {
  refuseUnsupported(json, UNSUPPORTED_BUCKET_FIELDS);
  const iam = objectOf(json, "iamConfiguration");
  const uniform = { ...objectOf(iam, "bucketPolicyOnly"), ...objectOf(iam, "uniformBucketLevelAccess") };
  return create(BucketSchema, {
    location: textOf(json, "location"),
    storageClass: textOf(json, "storageClass"),
    rpo: textOf(json, "rpo"),
    labels: mapOf(json, "labels"),
    cors: listOf(json, "cors").map(corsFromJson),
    versioning: create(Bucket_VersioningSchema, { enabled: flagOf(objectOf(json, "versioning"), "enabled") }),
    iamConfig: create(Bucket_IamConfigSchema, {
      uniformBucketLevelAccess: create(Bucket_IamConfig_UniformBucketLevelAccessSchema, {
        enabled: flagOf(uniform, "enabled"),
      }),
      publicAccessPrevention: textOf(iam, "publicAccessPrevention"),
    }),
  });
}

function iamConfigToJson({ iamConfig }: Bucket) {
  const enabled = iamConfig?.uniformBucketLevelAccess?.enabled ?? false;
  return {
    bucketPolicyOnly: { enabled },
    uniformBucketLevelAccess: { enabled },
    publicAccessPrevention: iamConfig?.publicAccessPrevention ?? "inherited",
  };
}

function corsToJson({ origin, method, responseHeader, maxAgeSeconds }: Bucket["cors"][number]) {
  return { origin, method, responseHeader, maxAgeSeconds };
}

function corsFromJson(json: Json) {
  return create(Bucket_CorsSchema, {
    origin: textsOf(json, "origin"),
    method: textsOf(json, "method"),
    responseHeader: textsOf(json, "responseHeader"),
    maxAgeSeconds: numberOf(json, "maxAgeSeconds"),
  });
}
