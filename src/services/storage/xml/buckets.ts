import { create } from "@bufbuild/protobuf";
import { BucketSchema } from "../../../gen/google/storage/v2/storage_pb.js";
import { requirePermission } from "../access.ts";
import { invalidValue, notSupported, requiredParameter } from "../errors.ts";
import { readText } from "../http/request-body.ts";
import { LIMITS } from "../limits.ts";
import { listObjects } from "./list-objects.ts";
import type { XmlCall } from "./xml-call.ts";

const PROJECT_HEADER = "x-goog-project-id";

/** The methods of /BUCKET. */
export const BUCKET_METHODS: Readonly<Record<string, (call: XmlCall) => Promise<Response>>> = {
  GET: listObjects,
  HEAD: headBucket,
  PUT: putBucket,
  DELETE: deleteBucket,
};

/** HEAD of a bucket: whether it is there. */
async function headBucket({ model, call, bucket }: XmlCall): Promise<Response> {
  await requirePermission(model, call, "storage.objects.list", { bucketId: bucket });
  const { metageneration, location } = await model.buckets.get(bucket);
  const headers = { "x-goog-metageneration": String(metageneration), "x-goog-bucket-location": location };
  return new Response(null, { headers });
}

/** PUT of a bucket makes one. Google: cloud.google.com/storage/docs/xml-api/put-bucket-create. */
async function putBucket({ model, request, call, bucket }: XmlCall): Promise<Response> {
  const named = request.headers.get(PROJECT_HEADER);
  if (!named) throw requiredParameter(PROJECT_HEADER);
  if (request.headers.has("x-goog-acl")) throw notSupported("x-goog-acl");
  const project = model.projects.idOf(named);
  await model.projects.remember(project);
  await requirePermission(model, call, "storage.buckets.create", { project });
  const xml = await readText(request, LIMITS.metadataBytes, () => invalidValue("The request is too large."));
  const location = textIn(xml, "LocationConstraint");
  await model.buckets.create(
    project,
    bucket,
    create(BucketSchema, { location, storageClass: textIn(xml, "StorageClass") }),
  );
  return new Response(null, { headers: { "content-length": "0" } });
}

/** DELETE of an empty bucket. */
async function deleteBucket({ model, call, bucket }: XmlCall): Promise<Response> {
  await requirePermission(model, call, "storage.buckets.delete", { bucketId: bucket });
  await model.buckets.delete(bucket);
  return new Response(null, { status: 204 });
}

function textIn(xml: string, name: string): string {
  return new RegExp(`<${name}>\\s*([^<]*?)\\s*</${name}>`).exec(xml)?.[1] ?? "";
}
