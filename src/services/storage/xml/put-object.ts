import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { type Object$, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import { requirePermission } from "../access.ts";
import { invalidValue, notSupported } from "../errors.ts";
import { checksumsOfHeaders, hashHeader } from "../http/checksum-headers.ts";
import { bodyOf } from "../http/request-body.ts";
import { checkLength, type LengthRange, withinRange } from "../objects/length-range.ts";
import { xmlEtag } from "./object-etag.ts";
import { conditionsOfHeaders, type XmlCall } from "./xml-call.ts";

const UNSUPPORTED_HEADERS = [
  "x-goog-acl",
  "x-goog-encryption-algorithm",
  "x-goog-encryption-key",
  "x-goog-encryption-kms-key-name",
  "x-goog-object-lock-mode",
];

/** PUT of an object. Google: cloud.google.com/storage/docs/xml-api/put-object-upload. */
export async function putObject({ model, request, call, bucket, object, lengthRange }: XmlCall): Promise<Response> {
  await requirePermission(model, call, "storage.objects.create", { bucketId: bucket, objectName: object });
  const { headers } = request;
  const range = lengthRange ?? lengthRangeOf(headers.get("x-goog-content-length-range"));
  const length = headers.get("content-length");
  checkLength(range, length === null ? undefined : Number(length));
  const write = {
    bucket,
    resource: resourceOfHeaders(object, headers),
    conditions: conditionsOfHeaders(headers),
    checksums: checksumsOfHeaders(headers),
  };
  return writtenResponse(await model.writer.put(write, withinRange(bodyOf(request), range)));
}

/** The answer to a write. */
export function writtenResponse(object: Object$): Response {
  return new Response(null, {
    headers: {
      "content-length": "0",
      etag: xmlEtag(object),
      "x-goog-generation": String(object.generation),
      "x-goog-metageneration": String(object.metageneration),
      "x-goog-hash": hashHeader(object),
      "x-goog-stored-content-length": String(object.size),
      "x-goog-stored-content-encoding": object.contentEncoding || "identity",
    },
  });
}

/** What the headers of an upload say about the object; rejects by name those that are not supported. */
export function resourceOfHeaders(name: string, headers: Headers): Object$ {
  const refused = UNSUPPORTED_HEADERS.find((header) => headers.has(header));
  if (refused !== undefined) throw notSupported(refused);
  const text = (header: string) => decodeHeader(headers.get(header) ?? "");
  const custom = [...headers.keys()].filter((header) => header.startsWith("x-goog-meta-"));
  const customTime = headers.get("x-goog-custom-time");
  return create(ObjectSchema, {
    name,
    contentType: text("content-type"),
    contentEncoding: text("content-encoding"),
    contentDisposition: text("content-disposition"),
    contentLanguage: text("content-language"),
    cacheControl: text("cache-control"),
    storageClass: text("x-goog-storage-class"),
    metadata: Object.fromEntries(custom.map((header) => [header.slice("x-goog-meta-".length), text(header)])),
    ...(customTime !== null && { customTime: parseTime(customTime) }),
  });
}

/** "MIN,MAX" of x-goog-content-length-range. */
export function lengthRangeOf(text: string | null): LengthRange | undefined {
  if (text === null) return undefined;
  const match = /^\s*(\d+)\s*,\s*(\d+)\s*$/.exec(text);
  if (!match) throw invalidValue(`Invalid x-goog-content-length-range: ${text}`, "x-goog-content-length-range");
  return { min: Number(match[1]), max: Number(match[2]) };
}

function parseTime(text: string) {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw invalidValue(`Invalid x-goog-custom-time: ${text}`, "x-goog-custom-time");
  return timestampFromDate(date);
}

function decodeHeader(value: string): string {
  return Buffer.from(value, "latin1").toString("utf8");
}
