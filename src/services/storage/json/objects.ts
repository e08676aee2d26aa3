import { contentResponse } from "../http/content-response.ts";
import { objectListScope, parseObjectCursor, printObjectCursor } from "../objects/page-token.ts";
import { conditionsOfQuery, integerOf, isTrue, type JsonCall, jsonResponse, readJson } from "./json-call.ts";
import { maxResultsOf } from "./max-results.ts";
import { mergePatch } from "./merge-patch.ts";
import { objectFromJson, objectToJson } from "./object-json.ts";

/** objects.get: GET /b/B/o/O, with alt=media the content. */
export async function getObject(jsonCall: JsonCall): Promise<Response> {
  const { model, query, call, params } = jsonCall;
  if (query.get("alt") === "media") return downloadObject(jsonCall);
  const { object } = await model.reader.get(
    params[0]!,
    params[1]!,
    integerOf(query, "generation"),
    conditionsOfQuery(query),
  );
  return jsonResponse(objectToJson(object, call.origin), query);
}

/** The content of an object: GET /download/storage/v1/b/B/o/O. */
export async function downloadObject({ model, request, query, params }: JsonCall): Promise<Response> {
  const generation = integerOf(query, "generation");
  const stored = await model.reader.get(params[0]!, params[1]!, generation, conditionsOfQuery(query));
  return contentResponse(model.reader, stored, request, stored.object.etag);
}

/** objects.list: GET /b/B/o. */
export async function listObjects({ model, query, call, params }: JsonCall): Promise<Response> {
  const text = (name: string) => query.get(name) ?? "";
  const options = {
    bucket: params[0]!,
    prefix: text("prefix"),
    delimiter: text("delimiter"),
    includeTrailingDelimiter: isTrue(query, "includeTrailingDelimiter"),
    versions: isTrue(query, "versions"),
    startOffset: text("startOffset"),
    endOffset: text("endOffset"),
    matchGlob: text("matchGlob"),
  };
  const scope = objectListScope(options);
  const after = parseObjectCursor(text("pageToken"), scope);
  const { objects, prefixes, next } = await model.reader.list({ ...options, limit: maxResultsOf(query), after });
  const items = objects.map((object) => objectToJson(object, call.origin));
  const nextPageToken = printObjectCursor(next, scope);
  const page = {
    kind: "storage#objects",
    ...(nextPageToken && { nextPageToken }),
    ...(prefixes.length > 0 && { prefixes }),
    ...(items.length > 0 && { items }),
  };
  return jsonResponse(page, query);
}

/** objects.delete: DELETE /b/B/o/O. */
export async function deleteObject({ model, query, params }: JsonCall): Promise<Response> {
  await model.changer.delete(placeOf(params, query), conditionsOfQuery(query));
  return new Response(null, { status: 204 });
}

/** objects.patch: PATCH /b/B/o/O. */
export async function patchObject({ model, request, query, call, params }: JsonCall): Promise<Response> {
  const patch = await readJson(request);
  const object = await model.changer.update(placeOf(params, query), conditionsOfQuery(query), (current) =>
    objectFromJson(mergePatch(objectToJson(current, call.origin), patch)),
  );
  return jsonResponse(objectToJson(object, call.origin), query);
}

/** objects.update: PUT /b/B/o/O. */
export async function updateObject({ model, request, query, call, params }: JsonCall): Promise<Response> {
  const wanted = objectFromJson(await readJson(request));
  const object = await model.changer.update(placeOf(params, query), conditionsOfQuery(query), () => wanted);
  return jsonResponse(objectToJson(object, call.origin), query);
}

function placeOf(params: readonly string[], query: URLSearchParams) {
  return { bucket: params[0]!, object: params[1]!, generation: integerOf(query, "generation") };
}
