import { isRepositoryName } from "../reference.ts";
import { handleBlob } from "./blobs.ts";
import type { AuthorizeRegistry, RegistryAction, RegistryCall, RegistryHandlerDeps } from "./call.ts";
import { errorResponse, nameInvalid, RegistryError, unsupported } from "./errors.ts";
import { handleManifest } from "./manifests.ts";
import { handleReferrers } from "./referrers.ts";
import { parseRoute, type RegistryRoute } from "./routes.ts";
import { handleTags } from "./tags.ts";
import { handleUpload, startUpload } from "./uploads.ts";

/** Answers one registry request; `authorize` is asked before anything is looked up. */
export type RegistryHandler = (request: Request, authorize: AuthorizeRegistry) => Promise<Response>;

/**
 * The server side of distribution-spec 1.1 over a storage: pull, push, tags, referrers, deletion and ranges, with
 * sha256 and sha512. Known faults become the spec's JSON errors; anything else rejects.
 */
export function createRegistryHandler(deps: RegistryHandlerDeps): RegistryHandler {
  return async (request, authorize) => {
    const response = await answer({ ...deps, request, url: new URL(request.url), authorize });
    response.headers.set("docker-distribution-api-version", "registry/2.0");
    return response;
  };
}

async function answer(call: RegistryCall): Promise<Response> {
  try {
    return await dispatch(call);
  } catch (error) {
    if (error instanceof RegistryError) return errorResponse(error);
    throw error;
  }
}

async function dispatch(call: RegistryCall): Promise<Response> {
  const route = parseRoute(decode(call.url.pathname));
  if (!route) throw new RegistryError(404, "UNSUPPORTED", `no such end point: ${call.url.pathname}`);
  const { method } = call.request;
  if (route.kind === "base") return base(method);
  if (!isRepositoryName(route.repository)) throw nameInvalid(route.repository);
  await call.authorize(actionOf(method, route), route.repository);
  switch (route.kind) {
    case "blob":
      return handleBlob(call, route.repository, route.digest);
    case "uploads":
      return startUpload(call, route.repository);
    case "upload":
      return handleUpload(call, route.repository, route.id);
    case "manifest":
      return handleManifest(call, route.repository, route.reference);
    case "tags":
      return handleTags(call, route.repository);
    case "referrers":
      return handleReferrers(call, route.repository, route.digest);
  }
}

function actionOf(method: string, route: RegistryRoute): RegistryAction {
  if (route.kind === "uploads" || route.kind === "upload") return "push";
  if (method === "DELETE") return "delete";
  return method === "GET" || method === "HEAD" ? "pull" : "push";
}

function base(method: string): Response {
  if (method !== "GET" && method !== "HEAD") throw unsupported(method);
  return new Response(method === "HEAD" ? null : "{}", { headers: { "content-type": "application/json" } });
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new RegistryError(400, "UNSUPPORTED", "malformed path");
  }
}
