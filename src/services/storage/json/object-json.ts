import { create } from "@bufbuild/protobuf";
import { type Object$, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import { bucketIdOf } from "../v2/names.ts";
import { crc32cToBase64, type ExpectedChecksums } from "../content/content-hash.ts";
import { parseChecksums } from "../http/checksum-headers.ts";
import { refuseUnsupported, UNSUPPORTED_OBJECT_FIELDS } from "../unsupported-fields.ts";
import type { Json } from "./json-call.ts";
import { formatTime, mapOf, textOf, timeOf } from "./json-fields.ts";

/** An object as the JSON API shows it; links lead to where the client came from. */
export function objectToJson(object: Object$, origin: string) {
  const bucket = bucketIdOf(object.bucket, "bucket");
  const { name, contentType, storageClass, etag, componentCount } = object;
  const generation = String(object.generation);
  const path = `storage/v1/b/${bucket}/o/${encodeURIComponent(name)}`;
  return {
    kind: "storage#object",
    id: `${bucket}/${name}/${generation}`,
    selfLink: `${origin}/${path}`,
    mediaLink: `${origin}/download/${path}?generation=${generation}&alt=media`,
    name,
    bucket,
    generation,
    metageneration: String(object.metageneration),
    ...(contentType && { contentType }),
    storageClass,
    size: String(object.size),
    ...checksumsToJson(object),
    etag,
    ...(componentCount > 0 && { componentCount }),
    ...settableToJson(object),
    ...timesToJson(object),
  };
}

/** The name and the settable fields of an object; rejects by name those that homerun does not have. */
export function objectFromJson(json: Json): Object$ {
  refuseUnsupported(json, UNSUPPORTED_OBJECT_FIELDS);
  const customTime = timeOf(json, "customTime");
  return create(ObjectSchema, {
    name: textOf(json, "name"),
    contentType: textOf(json, "contentType"),
    contentEncoding: textOf(json, "contentEncoding"),
    contentDisposition: textOf(json, "contentDisposition"),
    contentLanguage: textOf(json, "contentLanguage"),
    cacheControl: textOf(json, "cacheControl"),
    storageClass: textOf(json, "storageClass"),
    metadata: mapOf(json, "metadata"),
    ...(customTime && { customTime }),
  });
}

/** The checksums that a new object's metadata announces. */
export function checksumsFromJson(json: Json): ExpectedChecksums {
  return parseChecksums(textOf(json, "md5Hash"), textOf(json, "crc32c"));
}

function checksumsToJson({ checksums }: Object$) {
  const md5 = checksums?.md5Hash ?? new Uint8Array();
  return {
    ...(md5.length > 0 && { md5Hash: Buffer.from(md5).toString("base64") }),
    crc32c: crc32cToBase64(checksums?.crc32c ?? 0),
  };
}

function settableToJson(object: Object$) {
  const { contentEncoding, contentDisposition, contentLanguage, cacheControl, metadata, customTime } = object;
  return {
    ...(contentEncoding && { contentEncoding }),
    ...(contentDisposition && { contentDisposition }),
    ...(contentLanguage && { contentLanguage }),
    ...(cacheControl && { cacheControl }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
    ...(customTime && { customTime: formatTime(customTime) }),
  };
}

function timesToJson({ createTime, updateTime, updateStorageClassTime, finalizeTime, deleteTime }: Object$) {
  return {
    ...(createTime && { timeCreated: formatTime(createTime) }),
    ...(updateTime && { updated: formatTime(updateTime) }),
    ...(updateStorageClassTime && { timeStorageClassUpdated: formatTime(updateStorageClassTime) }),
    ...(finalizeTime && { timeFinalized: formatTime(finalizeTime) }),
    ...(deleteTime && { timeDeleted: formatTime(deleteTime) }),
  };
}
