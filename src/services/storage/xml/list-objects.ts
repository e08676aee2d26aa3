import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { requirePermission } from "../access.ts";
import { invalidValue } from "../errors.ts";
import { LIMITS } from "../limits.ts";
import type { ObjectPage } from "../objects/list.ts";
import { afterPrefix, compareNames } from "../objects/name-order.ts";
import type { ObjectCursor } from "../objects/store.ts";
import { xmlEtag } from "./object-etag.ts";
import { element } from "./xml.ts";
import { xmlResponse } from "./xml-error.ts";
import type { XmlCall } from "./xml-call.ts";

/** GET of a bucket, version 1 and (list-type=2) version 2. Google: cloud.google.com/storage/docs/xml-api/get-bucket-list. */
export async function listObjects({ model, call, query, bucket }: XmlCall): Promise<Response> {
  await requirePermission(model, call, "storage.objects.list", { bucketId: bucket });
  const [prefix, delimiter] = [query.get("prefix") ?? "", query.get("delimiter") ?? ""];
  const isSecond = query.get("list-type") === "2";
  const marker = isSecond ? secondMarker(query) : (query.get("marker") ?? "");
  const limit = limitOf(query.get("max-keys"));
  const page = await model.reader.list({
    bucket,
    prefix,
    delimiter,
    limit,
    includeTrailingDelimiter: false,
    versions: false,
    startOffset: "",
    endOffset: "",
    matchGlob: "",
    after: marker ? behind(marker, delimiter) : undefined,
  });
  const last = lastOf(page);
  const next = page.next && last !== undefined ? nextElements(last, isSecond) : "";
  const parts = [
    element("Name", bucket),
    element("Prefix", prefix),
    isSecond ? element("KeyCount", String(page.objects.length + page.prefixes.length)) : element("Marker", marker),
    element("MaxKeys", String(limit)),
    delimiter && element("Delimiter", delimiter),
    element("IsTruncated", String(page.next !== undefined)),
    next,
    ...page.objects.map(contents),
    ...page.prefixes.map((name) => `<CommonPrefixes>${element("Prefix", name)}</CommonPrefixes>`),
  ];
  const namespace = "http://doc.s3.amazonaws.com/2006-03-01";
  return xmlResponse(200, `<ListBucketResult xmlns='${namespace}'>${parts.join("")}</ListBucketResult>`);
}

function secondMarker(query: URLSearchParams): string {
  const token = query.get("continuation-token");
  return token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString("utf8");
}

function nextElements(last: string, isSecond: boolean): string {
  if (!isSecond) return element("NextMarker", last);
  return element("NextContinuationToken", Buffer.from(last).toString("base64url"));
}

/** Behind a name, or behind everything in a prefix that a page ended with. */
function behind(marker: string, delimiter: string): ObjectCursor {
  const beyond = delimiter && marker.endsWith(delimiter) ? afterPrefix(marker) : undefined;
  if (beyond !== undefined) return { name: beyond, generation: -1 };
  return { name: marker, generation: Number.MAX_SAFE_INTEGER };
}

function lastOf({ objects, prefixes }: ObjectPage): string | undefined {
  const [object, prefix] = [objects.at(-1)?.name, prefixes.at(-1)];
  if (object === undefined || prefix === undefined) return object ?? prefix;
  return compareNames(object, prefix) > 0 ? object : prefix;
}

function contents(object: Object$): string {
  const parts = [
    element("Key", object.name),
    element("Generation", String(object.generation)),
    element("MetaGeneration", String(object.metageneration)),
    object.updateTime ? element("LastModified", timestampDate(object.updateTime).toISOString()) : "",
    element("ETag", xmlEtag(object)),
    element("Size", String(object.size)),
    element("StorageClass", object.storageClass),
  ];
  return `<Contents>${parts.join("")}</Contents>`;
}

function limitOf(text: string | null): number {
  if (text === null) return LIMITS.listPage;
  if (!/^\d{1,9}$/.test(text)) throw invalidValue(`Invalid max-keys: ${text}`, "max-keys");
  return Math.min(Number(text) || LIMITS.listPage, LIMITS.listPage);
}
