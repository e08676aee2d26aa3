import { requirePermission } from "../access.ts";
import { conditionsOfHeaders, generationOf, type XmlCall } from "./xml-call.ts";

/** DELETE of an object. Google: cloud.google.com/storage/docs/xml-api/delete-object. */
export async function deleteObject({ model, request, call, query, bucket, object }: XmlCall): Promise<Response> {
  await requirePermission(model, call, "storage.objects.delete", { bucketId: bucket, objectName: object });
  const place = { bucket, object, generation: generationOf(query) };
  await model.changer.delete(place, conditionsOfHeaders(request.headers));
  return new Response(null, { status: 204 });
}
