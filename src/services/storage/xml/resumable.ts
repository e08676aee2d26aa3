import { requirePermission } from "../access.ts";
import { invalidValue } from "../errors.ts";
import { checksumsOfHeaders } from "../http/checksum-headers.ts";
import { incompleteUpload, takeChunk } from "../http/resumable-chunk.ts";
import { lengthRangeOf, resourceOfHeaders, writtenResponse } from "./put-object.ts";
import { conditionsOfHeaders, type XmlCall } from "./xml-call.ts";

/** POST of an object with x-goog-resumable: start. Google: cloud.google.com/storage/docs/xml-api/resumable-upload. */
export async function startResumable(xmlCall: XmlCall): Promise<Response> {
  const { model, request, call, bucket, object, lengthRange } = xmlCall;
  const { headers } = request;
  if (headers.get("x-goog-resumable") !== "start")
    throw invalidValue("POST of an object needs x-goog-resumable: start.");
  await requirePermission(model, call, "storage.objects.create", { bucketId: bucket, objectName: object });
  const length = headers.get("x-upload-content-length");
  const id = await model.uploads.start({
    bucket,
    resource: resourceOfHeaders(object, headers),
    conditions: conditionsOfHeaders(headers),
    checksums: checksumsOfHeaders(headers),
    lengthRange: lengthRange ?? lengthRangeOf(headers.get("x-goog-content-length-range")),
    sizeBytes: length === null ? undefined : Number(length),
  });
  const location = new URL(new URL(request.url).pathname, call.origin);
  location.searchParams.set("upload_id", id);
  return new Response(null, { status: 201, headers: { location: location.href, "x-guploader-uploadid": id } });
}

/** PUT and DELETE at the place that startResumable gave out; who has the place needs nothing else. */
export async function continueResumable({ model, request, query }: XmlCall): Promise<Response> {
  const id = query.get("upload_id") ?? "";
  if (request.method === "DELETE") {
    await model.uploads.cancel(id);
    return new Response(null, { status: 204 });
  }
  const status = await takeChunk(model.uploads, request, id);
  return "object" in status ? writtenResponse(status.object) : incompleteUpload(status.persistedSize);
}
