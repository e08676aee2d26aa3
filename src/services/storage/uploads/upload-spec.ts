import { fromJson, toJson } from "@bufbuild/protobuf";
import { ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import type { LengthRange } from "../objects/length-range.ts";
import type { WriteRequest } from "../objects/write.ts";

/** What a resumable upload is started with. */
export interface UploadSpec extends WriteRequest {
  /** Size that the client announced. */
  readonly sizeBytes?: number | undefined;
  /** Bounds that the content's size has to keep. */
  readonly lengthRange?: LengthRange | undefined;
}

/** As text for the store. */
export function formatUploadSpec(spec: UploadSpec): string {
  const { bucket, resource, conditions, checksums, sizeBytes, lengthRange } = spec;
  const { md5, crc32c } = checksums;
  return JSON.stringify({
    bucket,
    resource: toJson(ObjectSchema, resource),
    conditions: Object.entries(conditions).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)]],
    ),
    md5: md5 && Buffer.from(md5).toString("base64"),
    crc32c,
    sizeBytes,
    lengthRange,
  });
}

interface StoredSpec {
  readonly bucket: string;
  readonly resource: Parameters<typeof fromJson>[1];
  readonly conditions: readonly (readonly [string, string])[];
  readonly md5?: string;
  readonly crc32c?: number;
  readonly sizeBytes?: number;
  readonly lengthRange?: LengthRange;
}

/** The reverse of formatUploadSpec. */
export function parseUploadSpec(text: string): UploadSpec {
  const { bucket, resource, conditions, md5, crc32c, sizeBytes, lengthRange } = JSON.parse(text) as StoredSpec;
  return {
    bucket,
    resource: fromJson(ObjectSchema, resource),
    conditions: Object.fromEntries(conditions.map(([name, value]) => [name, BigInt(value)])),
    checksums: { md5: md5 === undefined ? undefined : Buffer.from(md5, "base64"), crc32c },
    sizeBytes,
    lengthRange,
  };
}
