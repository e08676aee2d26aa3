import { decodePageToken, pageOf } from "../../../wire/paging.ts";
import { requiredParameter } from "../errors.ts";
import { bucketFromJson, bucketToJson } from "./bucket-json.ts";
import { conditionsOfQuery, type JsonCall, jsonResponse, readJson } from "./json-call.ts";
import { textOf } from "./json-fields.ts";
import { mergePatch } from "./merge-patch.ts";
import { maxResultsOf } from "./max-results.ts";

/** buckets.insert: POST /b?project=P. */
export async function insertBucket({ model, request, query, call }: JsonCall): Promise<Response> {
  const project = await projectOf(model, query);
  const json = await readJson(request);
  const bucket = await model.buckets.create(project, textOf(json, "name"), bucketFromJson(json));
  return jsonResponse(bucketToJson(bucket, call.origin), query);
}

/** buckets.list: GET /b?project=P. */
export async function listBuckets({ model, query, call }: JsonCall): Promise<Response> {
  const project = await projectOf(model, query);
  const prefix = query.get("prefix") ?? "";
  const scope = JSON.stringify(["listBuckets", project, prefix]);
  const limit = maxResultsOf(query);
  const after = decodePageToken(query.get("pageToken") ?? "", scope)?.after ?? "";
  const rows = await model.buckets.list({ project, prefix, after, limit: limit + 1 });
  const { page, nextPageToken } = pageOf(rows, limit, (bucket) => bucket.bucketId, scope);
  const items = page.map((bucket) => bucketToJson(bucket, call.origin));
  return jsonResponse({ kind: "storage#buckets", items, ...(nextPageToken && { nextPageToken }) }, query);
}

/** buckets.get: GET /b/B. */
export async function getBucket({ model, query, call, params }: JsonCall): Promise<Response> {
  const bucket = await model.buckets.get(params[0]!, conditionsOfQuery(query));
  return jsonResponse(bucketToJson(bucket, call.origin), query);
}

/** buckets.patch: PATCH /b/B. */
export async function patchBucket({ model, request, query, call, params }: JsonCall): Promise<Response> {
  const patch = await readJson(request);
  const bucket = await model.buckets.update(params[0]!, conditionsOfQuery(query), (current) =>
    bucketFromJson(mergePatch(bucketToJson(current, call.origin), patch)),
  );
  return jsonResponse(bucketToJson(bucket, call.origin), query);
}

/** buckets.update: PUT /b/B. */
export async function updateBucket({ model, request, query, call, params }: JsonCall): Promise<Response> {
  const wanted = bucketFromJson(await readJson(request));
  const bucket = await model.buckets.update(params[0]!, conditionsOfQuery(query), () => wanted);
  return jsonResponse(bucketToJson(bucket, call.origin), query);
}

/** buckets.delete: DELETE /b/B. */
export async function deleteBucket({ model, query, params }: JsonCall): Promise<Response> {
  await model.buckets.delete(params[0]!, conditionsOfQuery(query));
  return new Response(null, { status: 204 });
}

/** buckets.getStorageLayout: GET /b/B/storageLayout. */
export async function getStorageLayout({ model, query, params }: JsonCall): Promise<Response> {
  const { bucketId: bucket, location, locationType } = await model.buckets.get(params[0]!);
  const hierarchicalNamespace = { enabled: false };
  const layout = { kind: "storage#storageLayout", bucket, location, locationType, hierarchicalNamespace };
  return jsonResponse(layout, query);
}

async function projectOf({ projects }: JsonCall["model"], query: URLSearchParams): Promise<string> {
  const named = query.get("project");
  if (!named) throw requiredParameter("project");
  const project = projects.idOf(named);
  await projects.remember(project);
  return project;
}
