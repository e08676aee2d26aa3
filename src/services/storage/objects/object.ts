import { create } from "@bufbuild/protobuf";
import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type Object$, ObjectChecksumsSchema, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import { bucketName } from "../buckets/bucket.ts";
import type { ContentDigest } from "../content/content-hash.ts";
import { invalidValue } from "../errors.ts";
import { objectEtag } from "../etags.ts";
import { refuseUnsupported, UNSUPPORTED_OBJECT_FIELDS } from "../unsupported-fields.ts";
import { checkCustomMetadata, checkObjectName, checkStorageClass } from "../validate.ts";

/** What an object is made of besides the settable fields. */
export interface ObjectContent extends Omit<ContentDigest, "md5"> {
  /** Absent for objects that were composed of others. */
  readonly md5?: Uint8Array;
  /** How many objects it was composed of. */
  readonly componentCount?: number;
}

/** Rejects object fields that are not valid or not supported. */
export function checkObject(asked: Object$): void {
  checkObjectName(asked.name);
  checkSettable(asked);
}

/** The first metageneration of a new generation. */
export function newObject(
  bucketId: string,
  asked: Object$,
  content: ObjectContent,
  version: { readonly generation: bigint; readonly nowMs: number; readonly defaultStorageClass: string },
): Object$ {
  const now = timestampFromMs(version.nowMs);
  const { md5, crc32c, componentCount } = content;
  return create(ObjectSchema, {
    ...settable(asked),
    storageClass: asked.storageClass || version.defaultStorageClass,
    name: asked.name,
    bucket: bucketName(bucketId),
    generation: version.generation,
    metageneration: 1n,
    etag: objectEtag(version.generation, 1n),
    size: BigInt(content.sizeBytes),
    checksums: create(ObjectChecksumsSchema, { crc32c, ...(md5 && { md5Hash: md5 }) }),
    ...(componentCount !== undefined && { componentCount }),
    createTime: now,
    finalizeTime: now,
    updateTime: now,
    updateStorageClassTime: now,
  });
}

/** `current` with the settable fields of `wanted` and the next metageneration. */
export function changedObject(current: Object$, wanted: Object$, nowMs: number): Object$ {
  checkSettable(wanted);
  if (wanted.storageClass && wanted.storageClass !== current.storageClass) {
    throw invalidValue("The storage class of an object changes only by rewriting it.", "storageClass");
  }
  if (current.customTime && !isAtLeast(wanted.customTime, current.customTime)) {
    throw invalidValue("Custom time cannot be removed or set to an earlier time.", "customTime");
  }
  const metageneration = current.metageneration + 1n;
  return create(ObjectSchema, {
    ...current,
    ...settable(wanted),
    storageClass: current.storageClass,
    metageneration,
    etag: objectEtag(current.generation, metageneration),
    updateTime: timestampFromMs(nowMs),
  });
}

/** Only the fields that clients set; what copies take over from their source. */
export function settable(object: Object$) {
  const { contentEncoding, contentDisposition, cacheControl, contentLanguage, contentType } = object;
  const { metadata, customTime, storageClass } = object;
  return {
    contentEncoding,
    contentDisposition,
    cacheControl,
    contentLanguage,
    contentType,
    metadata,
    customTime,
    storageClass,
  };
}

function checkSettable(asked: Object$): void {
  refuseUnsupported(asked, UNSUPPORTED_OBJECT_FIELDS);
  checkStorageClass(asked.storageClass);
  checkCustomMetadata(asked.metadata);
}

function isAtLeast(wanted: Timestamp | undefined, current: Timestamp): boolean {
  if (!wanted) return false;
  return wanted.seconds === current.seconds ? wanted.nanos >= current.nanos : wanted.seconds > current.seconds;
}
