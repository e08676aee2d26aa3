import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import type { Call } from "../../../wire/call.ts";
import { type Place, requirePermission } from "../access.ts";
import { addCorsHeaders, answerPreflight, OPEN_TO_ALL } from "../http/cors.ts";
import { drain } from "../http/request-body.ts";
import type { StorageModel } from "../model.ts";
import { refuseUnsupportedParameters } from "./json-call.ts";
import { jsonErrorResponse } from "./json-error.ts";
import { type Route, ROUTES, type Tree } from "./routes.ts";

/**
 * Where the API's trees begin. "/b" is where emulator clients look, and a path prefix that selects Cloud Storage on a
 * shared port ("/storage/v1/…") leaves "/v1".
 */
const ROOT =
  /^(?:\/(upload|resumable\/upload|download)\/storage\/v1|\/storage\/v1|\/v1)?(?=\/(?:b|projects|channels)(?:\/|$))/;

/** Whether a path belongs to the JSON API, at storage.googleapis.com or on a shared port. */
export function isJsonPath(path: string): boolean {
  const match = ROOT.exec(path);
  if (!match) return false;
  const rest = path.slice(match[0].length);
  // Other APIs have /v1/projects, too.
  return (
    rest.startsWith("/b") || match[0].includes("storage") || /^\/projects\/[^/]+\/(serviceAccount|hmacKeys)/.test(rest)
  );
}

/** The JSON API v1 of Cloud Storage. */
export async function answerJson(model: StorageModel, request: Request, call: Call): Promise<Response> {
  const preflight = answerPreflight(request, OPEN_TO_ALL);
  return preflight ?? addCorsHeaders(request, await answerMethod(model, request, call), OPEN_TO_ALL);
}

async function answerMethod(model: StorageModel, request: Request, call: Call): Promise<Response> {
  try {
    return await dispatch(model, request, call);
  } catch (error) {
    await drain(request);
    return jsonErrorResponse(error);
  }
}

async function dispatch(model: StorageModel, request: Request, call: Call): Promise<Response> {
  const { pathname, searchParams: query } = new URL(request.url);
  const verb = verbOf(request);
  const found = findRoute(pathname, verb);
  if (!found) throw noSuchMethod(verb, pathname);
  const { route, params } = found;
  refuseUnsupportedParameters(query, request.headers);
  for (const [permission, place] of needsOf(model, route, params, query))
    await requirePermission(model, call, permission, place);
  return route.handle({ model, request, call, query, params });
}

/** The permissions that a request needs, and on what: a copy reads one object and makes another. */
function needsOf(
  { projects }: StorageModel,
  { permission, pattern }: Route,
  params: readonly string[],
  query: URLSearchParams,
): (readonly [string, Place])[] {
  const [bucketId, objectName, toBucketId, toObjectName] = params;
  if (toObjectName !== undefined)
    return [
      ["storage.objects.get", { bucketId, objectName }],
      [permission, { bucketId: toBucketId, objectName: toObjectName }],
    ];
  if (pattern.source.startsWith("^\\/b\\/"))
    return [[permission, { bucketId, objectName: objectOf(permission, objectName) }]];
  return [[permission, { project: projects.idOf(query.get("project") ?? params[0] ?? "") }]];
}

/** Second parameters are names of objects only where the permission is one on objects. */
function objectOf(permission: string, name: string | undefined): string | undefined {
  return permission.startsWith("storage.objects.") ? name : undefined;
}

/** What a request asks for, with the parameters of its path; undefined for what no method answers. */
export function routeOf(request: Request, url: URL): (Route & { readonly params: readonly string[] }) | undefined {
  const found = findRoute(url.pathname, verbOf(request));
  return found && { ...found.route, params: found.params };
}

function findRoute(path: string, verb: string): { route: Route; params: readonly string[] } | undefined {
  const root = ROOT.exec(path);
  if (!root) return undefined;
  const tree = treeOf(root[1]);
  const rest = path.slice(root[0].length).replace(/\/$/, "");
  for (const route of ROUTES) {
    const match = route.tree === tree && route.verbs.includes(verb) ? route.pattern.exec(rest) : null;
    if (match) return { route, params: match.slice(1).map(decodeURIComponent) };
  }
  return undefined;
}

function treeOf(prefix: string | undefined): Tree {
  if (prefix === undefined) return "api";
  return prefix === "download" ? "download" : "upload";
}

/** Clients that cannot send PATCH send POST and say so. */
function verbOf(request: Request): string {
  const override = request.headers.get("x-http-method-override");
  return request.method === "POST" && override ? override.toUpperCase() : request.method;
}

function noSuchMethod(verb: string, path: string): ApiError {
  return new ApiError(Code.NOT_FOUND, `Not Found: ${verb} ${path}`);
}
