import { Code } from "../../../gen/google/rpc/code_pb.js";
import type { Call } from "../../../wire/call.ts";
import { notSupported, StorageError } from "../errors.ts";
import { addCorsHeaders, answerPreflight } from "../http/cors.ts";
import { drain } from "../http/request-body.ts";
import type { StorageModel } from "../model.ts";
import { BUCKET_METHODS } from "./buckets.ts";
import { deleteObject } from "./delete-object.ts";
import { getObject } from "./get-object.ts";
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

type Place = Pick<XmlCall, "bucket" | "object" | "query">;

function placeOf(request: Request): Place {
  const { hostname, pathname, searchParams: query } = new URL(request.url);
  const hosted = /^(.+)\.storage\.(?:googleapis\.com|localhost)$/.exec(hostname)?.[1];
  const path = decodePath(pathname.slice(1));
  if (hosted !== undefined) return { bucket: hosted, object: path, query };
  const slash = path.indexOf("/");
  return slash === -1
    ? { bucket: path, object: "", query }
    : { bucket: path.slice(0, slash), object: path.slice(slash + 1), query };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new StorageError(Code.INVALID_ARGUMENT, "Couldn't parse the specified URI.", {
      httpStatus: 400,
      reason: "invalid",
      xmlCode: "InvalidURI",
    });
  }
}

function methodNotAllowed(method: string): StorageError {
  return new StorageError(Code.UNIMPLEMENTED, `The specified method ${method} is not allowed against this resource.`, {
    httpStatus: 405,
    reason: "httpMethodNotAllowed",
    xmlCode: "MethodNotAllowed",
  });
}
