import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Call } from "../../../wire/call.ts";
import { notSupported, StorageError } from "../errors.ts";
import { addCorsHeaders, answerPreflight } from "../http/cors.ts";
import { drain } from "../http/request-body.ts";
import type { StorageModel } from "../model.ts";
import { BUCKET_METHODS } from "./buckets.ts";
import { deleteObject } from "./delete-object.ts";
import { getObject } from "./get-object.ts";
import { type Place, placeOf } from "./place-of.ts";
import { putObject } from "./put-object.ts";
import { continueResumable, startResumable } from "./resumable.ts";
import { checkSignature, type SignatureDeps } from "./signature.ts";
import type { XmlCall } from "./xml-call.ts";
import { xmlErrorResponse } from "./xml-error.ts";

/** Sub-resources of the XML API that homerun does not have. */
const SUBRESOURCES = [
  "acl",
  "compose",
  "cors",
  "encryption",
  "encryptionConfig",
  "lifecycle",
  "logging",
  "retention",
  "tagging",
  "uploads",
  "uploadId",
  "versioning",
  "websiteConfig",
];

const OBJECT_METHODS: Readonly<Record<string, (call: XmlCall) => Promise<Response>>> = {
  GET: getObject,
  HEAD: getObject,
  POST: startResumable,
  PUT: putObject,
  DELETE: deleteObject,
};

export interface XmlDeps extends SignatureDeps {
  readonly model: StorageModel;
}

/** The XML API: /BUCKET/OBJECT, or /OBJECT at BUCKET.storage.googleapis.com, with or without a signature. */
export async function answerXml(deps: XmlDeps, request: Request, call: Call): Promise<Response> {
  try {
    const place = placeOf(request);
    const rules = request.headers.has("origin") ? await corsRules(deps.model, place.bucket) : [];
    const preflight = answerPreflight(request, rules);
    return preflight ?? addCorsHeaders(request, await answerFrom(deps, request, call, place), rules);
  } catch (error) {
    return xmlErrorResponse(error);
  }
}

async function answerFrom(deps: XmlDeps, request: Request, call: Call, place: Place): Promise<Response> {
  try {
    const checked = await checkSignature(deps, request, call);
    if (!(checked instanceof Response)) return await route({ model: deps.model, request, ...place, ...checked });
    await drain(request);
    return checked;
  } catch (error) {
    await drain(request);
    return xmlErrorResponse(error);
  }
}

async function corsRules({ bucketStore }: StorageModel, bucket: string) {
  return (await bucketStore.get(bucket))?.bucket.cors ?? [];
}

function route(xmlCall: XmlCall): Promise<Response> {
  const { request, query, object } = xmlCall;
  const subresource = SUBRESOURCES.find((name) => query.has(name));
  if (subresource !== undefined) throw notSupported(`?${subresource}`);
  if (query.has("upload_id")) return continueResumable(xmlCall);
  const handle = (object === "" ? BUCKET_METHODS : OBJECT_METHODS)[request.method];
  if (!handle) throw methodNotAllowed(request.method);
  return handle(xmlCall);
}

function methodNotAllowed(method: string): StorageError {
  return new StorageError(Code.UNIMPLEMENTED, `The specified method ${method} is not allowed against this resource.`, {
    httpStatus: 405,
    reason: "httpMethodNotAllowed",
    xmlCode: "MethodNotAllowed",
  });
}
