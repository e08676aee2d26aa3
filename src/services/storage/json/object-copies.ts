import type { Object$ } from "../../../gen/google/storage/v2/storage_pb.js";
import { conditionsOfQuery, integerOf, type Json, type JsonCall, jsonResponse, readJson } from "./json-call.ts";
import { bigintOf, listOf, objectOf, textOf } from "./json-fields.ts";
import { objectFromJson, objectToJson } from "./object-json.ts";

/** Fields of a request body that say what a copy is to be instead of its source. */
const COPIED_FIELDS = [
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
  "contentType",
  "customTime",
  "metadata",
];

/** objects.copy: POST /b/B/o/O/copyTo/b/B2/o/O2. */
export async function copyObject(jsonCall: JsonCall): Promise<Response> {
  const object = await copy(jsonCall);
  return jsonResponse(objectToJson(object, jsonCall.call.origin), jsonCall.query);
}

/** objects.rewrite: POST /b/B/o/O/rewriteTo/b/B2/o/O2; one call always suffices, since the bytes are shared. */
export async function rewriteObject(jsonCall: JsonCall): Promise<Response> {
  const object = await copy(jsonCall);
  const size = String(object.size);
  const resource = objectToJson(object, jsonCall.call.origin);
  const answer = { kind: "storage#rewriteResponse", totalBytesRewritten: size, objectSize: size, done: true, resource };
  return jsonResponse(answer, jsonCall.query);
}

/** objects.move: POST /b/B/o/O/moveTo/o/O2. */
export async function moveObject({ model, query, call, params }: JsonCall): Promise<Response> {
  const [bucket, source, object] = params as [string, string, string];
  const conditions = conditionsOfQuery(query);
  const sourceConditions = conditionsOfQuery(query, "Source");
  const moved = await model.copier.move({ bucket, source, object, conditions, sourceConditions });
  return jsonResponse(objectToJson(moved, call.origin), query);
}

/** objects.compose: POST /b/B/o/O/compose. */
export async function composeObject({ model, request, query, call, params }: JsonCall): Promise<Response> {
  const [bucket, name] = params as [string, string];
  const json = await readJson(request);
  const resource = objectFromJson({ ...objectOf(json, "destination"), name });
  const sources = listOf(json, "sourceObjects").map(sourceOf);
  const object = await model.copier.compose({ bucket, resource, conditions: conditionsOfQuery(query), sources });
  return jsonResponse(objectToJson(object, call.origin), query);
}

async function copy({ model, request, query, params }: JsonCall): Promise<Object$> {
  const [sourceBucket, sourceObject, bucket, object] = params as [string, string, string, string];
  const json = await readJson(request);
  const asked = objectFromJson({ ...json, name: object });
  return model.copier.copy({
    source: { bucket: sourceBucket, object: sourceObject, generation: integerOf(query, "sourceGeneration") },
    sourceConditions: conditionsOfQuery(query, "Source"),
    bucket,
    object,
    ...(COPIED_FIELDS.some((field) => json[field] !== undefined) && { resource: asked }),
    storageClass: asked.storageClass,
    conditions: conditionsOfQuery(query),
  });
}

function sourceOf(json: Json) {
  const precondition = bigintOf(objectOf(json, "objectPreconditions"), "ifGenerationMatch");
  const conditions = { ifGenerationMatch: precondition };
  return { name: textOf(json, "name"), generation: bigintOf(json, "generation"), conditions };
}
