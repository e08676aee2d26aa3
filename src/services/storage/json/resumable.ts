import { invalidValue, requiredParameter } from "../errors.ts";
import { checksumsOfHeaders } from "../http/checksum-headers.ts";
import { bodyOf } from "../http/request-body.ts";
import type { StorageModel } from "../model.ts";
import type { UploadStatus } from "../uploads/uploads.ts";
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
  const status = await take(model, request, id);
  if ("object" in status) return jsonResponse(objectToJson(status.object, call.origin), query);
  return incomplete(status.persistedSize);
}

/** DELETE of a resumable upload. */
export async function cancelResumable({ model, query }: JsonCall): Promise<Response> {
  await model.uploads.cancel(query.get("upload_id") ?? "");
  return new Response(null, { status: CANCELLED });
}

/** Takes the chunk of a request by its Content-Range. Google: cloud.google.com/storage/docs/performing-resumable-uploads. */
export async function take({ uploads }: StorageModel, request: Request, id: string): Promise<UploadStatus> {
  const content = bodyOf(request);
  const checksums = checksumsOfHeaders(request.headers);
  const header = request.headers.get("content-range");
  if (header === null) return uploads.append(id, { offset: 0, content, last: true, checksums });
  const match = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(header);
  if (!match) throw invalidValue(`Invalid Content-Range: ${header}`, "Content-Range");
  const totalSize = match[3] === "*" ? undefined : Number(match[3]);
  if (match[1] !== undefined) return uploads.append(id, { offset: Number(match[1]), content, totalSize, checksums });
  const status = await uploads.status(id);
  if ("object" in status || status.persistedSize !== totalSize) return status;
  // Everything has arrived, and only now the client says that this is all.
  return uploads.append(id, { offset: totalSize, content, totalSize, checksums });
}

/** The answer to an upload that is not complete. */
export function incomplete(persistedSize: number): Response {
  const headers = new Headers({ "content-length": "0" });
  if (persistedSize > 0) headers.set("range", `bytes=0-${persistedSize - 1}`);
  return new Response(null, { status: 308, headers });
}

function sizeOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw invalidValue(`Invalid X-Upload-Content-Length: ${text}`);
  return Number(text);
}
