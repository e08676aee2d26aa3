import { create } from "@bufbuild/protobuf";
import { type ObjectChecksums, ObjectSchema, type WriteObjectSpec } from "../../../gen/google/storage/v2/storage_pb.js";
import { invalidArgument } from "../../../wire/errors.ts";
import { conditionsOf } from "../conditions.ts";
import type { ExpectedChecksums } from "../content/content-hash.ts";
import type { UploadSpec } from "../uploads/upload-spec.ts";
import { bucketIdOf } from "./names.ts";
import { refuseFields } from "./refuse.ts";

/** What a write_object_spec asks for. */
export function uploadSpecOf(spec: WriteObjectSpec | undefined, checksums: ObjectChecksums | undefined): UploadSpec {
  if (!spec?.resource) {
    const description = "The field 'write_object_spec.resource' is required.";
    throw invalidArgument(description, [{ field: "write_object_spec.resource", description }]);
  }
  refuseFields(spec, ["predefinedAcl", "appendable"]);
  const { resource, objectSize } = spec;
  return {
    bucket: bucketIdOf(resource.bucket, "write_object_spec.resource.bucket"),
    resource: create(ObjectSchema, resource),
    conditions: conditionsOf(spec),
    checksums: checksumsOf(checksums),
    sizeBytes: objectSize === undefined ? undefined : Number(objectSize),
  };
}

/** The checksums that are set. */
export function checksumsOf(checksums: ObjectChecksums | undefined): ExpectedChecksums {
  const { md5Hash, crc32c } = checksums ?? {};
  return { ...(md5Hash?.length && { md5: md5Hash }), ...(crc32c !== undefined && { crc32c }) };
}
