import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { contentResponse, encodeHeader } from "../http/content-response.ts";
import { requirePermission } from "../access.ts";
import { conditionsOfHeaders, generationOf, type XmlCall } from "./xml-call.ts";
import { xmlEtag } from "./object-etag.ts";

/** Response headers that a query may set for one answer: response-content-type and the like. */
const OVERRIDES = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
];

/** GET and HEAD of an object. Google: cloud.google.com/storage/docs/xml-api/get-object-download. */
export async function getObject({ model, request, call, query, bucket, object }: XmlCall): Promise<Response> {
  await requirePermission(model, call, "storage.objects.get", { bucketId: bucket, objectName: object });
  const stored = await model.reader.get(bucket, object, generationOf(query), conditionsOfHeaders(request.headers));
  const response = await contentResponse(model.reader, stored, request, xmlEtag(stored.object));
  setCustomHeaders(response.headers, stored.object);
  for (const name of OVERRIDES) {
    const value = query.get(`response-${name}`);
    if (value !== null) response.headers.set(name, encodeHeader(value));
  }
  return response;
}

function setCustomHeaders(headers: Headers, { metadata, componentCount }: Object$): void {
  for (const [name, value] of Object.entries(metadata)) {
    // A name that is no header name cannot be shown here; the JSON API shows it.
    if (/^[\w!#$%&'*+.^`|~-]+$/.test(name)) headers.set(`x-goog-meta-${name}`, encodeHeader(value));
  }
  if (componentCount > 0) headers.set("x-goog-component-count", String(componentCount));
}
