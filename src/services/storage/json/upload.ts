import { invalidValue } from "../errors.ts";
import { bodyOf } from "../http/request-body.ts";
import { type JsonCall, jsonResponse, parseJson } from "./json-call.ts";
import { readMultipart } from "./multipart.ts";
import { objectToJson } from "./object-json.ts";
import { startResumable } from "./resumable.ts";
import { writeRequestOf } from "./write-request.ts";

/** objects.insert: POST /upload/storage/v1/b/B/o with uploadType media, multipart or resumable. */
export async function insertObject(jsonCall: JsonCall): Promise<Response> {
  const { query, request } = jsonCall;
  switch (query.get("uploadType") ?? query.get("upload_protocol")) {
    case "media":
      return insertMedia(jsonCall);
    case "multipart":
      return insertMultipart(jsonCall);
    case "resumable":
      return startResumable(jsonCall);
    default:
      if ((request.headers.get("content-type") ?? "").startsWith("multipart/related")) return insertMultipart(jsonCall);
      throw invalidValue("Invalid uploadType: it must be media, multipart or resumable.", "uploadType");
  }
}

async function insertMedia(jsonCall: JsonCall): Promise<Response> {
  const { model, request, query, call } = jsonCall;
  const write = writeRequestOf(jsonCall, {}, request.headers.get("content-type"));
  const object = await model.writer.put(write, bodyOf(request));
  return jsonResponse(objectToJson(object, call.origin), query);
}

async function insertMultipart(jsonCall: JsonCall): Promise<Response> {
  const { model, request, query, call } = jsonCall;
  const parts = await readMultipart(request.headers.get("content-type") ?? "", bodyOf(request));
  const write = writeRequestOf(jsonCall, parseJson(parts.metadata), parts.contentType);
  const object = await model.writer.put(write, parts.content);
  return jsonResponse(objectToJson(object, call.origin), query);
}
