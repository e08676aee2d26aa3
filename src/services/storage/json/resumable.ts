import { invalidValue, requiredParameter } from "../errors.ts";
import { incompleteUpload, takeChunk } from "../http/resumable-chunk.ts";
import { type JsonCall, jsonResponse, readJson } from "./json-call.ts";
import { objectToJson } from "./object-json.ts";
import { writeRequestOf } from "./write-request.ts";

/** Client Closed Request: Google's answer to the end of an upload that the client asked for. */
const CANCELLED = 499;

/** Starts a resumable upload; its Location is where the content goes. */
export async function startResumable(jsonCall: JsonCall): Promise<Response> {
  const { model, request, query, call, params } = jsonCall;
  const json = await readJson(request);
  const write = writeRequestOf(jsonCall, json, request.headers.get("x-upload-content-type"));
  const length = request.headers.get("x-upload-content-length");
  const sizeBytes = length === null ? undefined : sizeOf(length);
  const id = await model.uploads.start({ ...write, sizeBytes });
  const location = new URL(`/upload/storage/v1/b/${params[0]}/o`, call.origin);
  location.search = new URLSearchParams({
    uploadType: "resumable",
    name: write.resource.name,
    upload_id: id,
    ...(query.get("prettyPrint") === "false" && { prettyPrint: "false" }),
  }).toString();
  return new Response(null, {
    headers: { location: location.href, "x-guploader-uploadid": id, "content-length": "0" },
  });
}

/** PUT of content to a resumable upload, or a question for its status. */
export async function continueResumable({ model, request, query, call }: JsonCall): Promise<Response> {
  const id = query.get("upload_id");
  if (!id) throw requiredParameter("upload_id");
  const status = await takeChunk(model.uploads, request, id);
  if ("object" in status) return jsonResponse(objectToJson(status.object, call.origin), query);
  return incompleteUpload(status.persistedSize);
}

/** DELETE of a resumable upload. */
export async function cancelResumable({ model, query }: JsonCall): Promise<Response> {
  await model.uploads.cancel(query.get("upload_id") ?? "");
  return new Response(null, { status: CANCELLED });
}

function sizeOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalidValue(`Invalid X-Upload-Content-Length: ${text}`);
  return Number(text);
}
