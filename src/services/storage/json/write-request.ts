import { create } from "@bufbuild/protobuf";
import { type Object$, ObjectSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import { requiredParameter } from "../errors.ts";
import { checksumsOfHeaders } from "../http/checksum-headers.ts";
import type { WriteRequest } from "../objects/write.ts";
import { conditionsOfQuery, type Json, type JsonCall } from "./json-call.ts";
import { checksumsFromJson, objectFromJson } from "./object-json.ts";

/** What an upload's metadata, parameters and headers ask for. */
export function writeRequestOf(
  { request, query, params }: JsonCall,
  json: Json,
  contentType: string | null,
): WriteRequest {
  const asked = objectFromJson(json);
  const name = query.get("name") || asked.name;
  if (!name) throw requiredParameter("name");
  const resource: Object$ = create(ObjectSchema, {
    ...asked,
    name,
    contentType: asked.contentType || contentType || "",
    contentEncoding: query.get("contentEncoding") || asked.contentEncoding,
  });
  const checksums = { ...checksumsOfHeaders(request.headers), ...checksumsFromJson(json) };
  return { bucket: params[0]!, resource, conditions: conditionsOfQuery(query), checksums };
}
