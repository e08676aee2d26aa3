import { toJson } from "@bufbuild/protobuf";
import {
  ListLocationsResponseSchema,
  Locations,
  LocationSchema,
} from "../../../gen/google/cloud/location/locations_pb.js";
import { permissionDenied, unauthenticated } from "../../../wire/errors.ts";
import type { Call } from "../../../wire/call.ts";
import type { Surface } from "../../../wire/service-module.ts";
import { errorBody, toApiError } from "../../../wire/status.ts";
import type { RunContext } from "../context.ts";
import { auditOf } from "./audit.ts";
import { serviceIam } from "./iam.ts";
import { JOB_METHODS } from "./jobs/routes.ts";
import { getOperation, waitOperation } from "./operations.ts";
import { locationOfHost, projectIdOf, type V1Request } from "./request.ts";
import { SERVING_METHODS } from "./serving-routes.ts";
import { WORKER_POOL_METHODS } from "./worker-pools/routes.ts";

type Handler = (context: RunContext, at: V1Request) => Promise<object>;

/** One method of v1; the path's groups are project, location and name, as far as it has them. */
interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly handle: Handler;
}

const LOCATION = String.raw`\/v1\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)`;
const NAME = "(?<name>[^/:]+)";

/** Everything of v1 that is served, most specific first. Google: Cloud Run Admin API v1, REST reference. */
const ROUTES: readonly Route[] = [
  ...SERVING_METHODS.map(([method, path, handle]) => route(method, path, handle)),
  route("GET", `${LOCATION}/services/${NAME}:getIamPolicy`, serviceIam.getIamPolicy),
  route("POST", `${LOCATION}/services/${NAME}:setIamPolicy`, serviceIam.setIamPolicy),
  route("POST", `${LOCATION}/services/${NAME}:testIamPermissions`, serviceIam.testIamPermissions),
  route("GET", `${LOCATION}/operations/${NAME}`, getOperation),
  route("POST", `${LOCATION}/operations/${NAME}:wait`, waitOperation),
  route("GET", String.raw`\/v1\/projects\/(?<project>[^/]+)\/locations`, listLocations),
  route("GET", LOCATION, getLocation),
  ...[...JOB_METHODS, ...WORKER_POOL_METHODS].map(([method, path, handle]) => route(method, path, handle)),
];

/** The Knative API of Cloud Run v1, which gcloud uses; it has no proto. Errors are Google's JSON errors. */
export function knativeSurface(context: RunContext): Surface {
  return {
    matches: (path, method) => findRoute(path, method) !== undefined,
    audit: (request) => auditOf(context, request),
    async fetch(request, call) {
      try {
        const url = new URL(request.url);
        const found = findRoute(url.pathname, request.method)!;
        await authorize(context, request, call);
        const at = await requestAt(context, request, url, call, found.groups);
        const answer = await found.route.handle(context, at);
        return answer instanceof Response ? answer : Response.json(answer);
      } catch (thrown) {
        const { httpStatus, body } = errorBody(toApiError(thrown));
        return Response.json(body, { status: httpStatus });
      }
    },
  };
}

function findRoute(path: string, method: string) {
  for (const each of ROUTES) {
    const match = each.method === method ? each.path.exec(path) : null;
    if (match) return { route: each, groups: match.groups ?? {} };
  }
  return undefined;
}

async function requestAt(
  context: RunContext,
  request: Request,
  url: URL,
  call: Call,
  groups: Readonly<Record<string, string>>,
): Promise<V1Request> {
  const { project = "", location, name = "" } = groups;
  return {
    request,
    url,
    call,
    project: await projectIdOf(context, decodeURIComponent(project)),
    location: location ?? locationOfHost(url.host),
    name: decodeURIComponent(name),
  };
}

/** What is left to methods of v2 is checked there, as a call of the same caller. */
async function authorize(context: RunContext, request: Request, { principal }: Call): Promise<void> {
  if (principal.kind === "anonymous") throw unauthenticated("CREDENTIALS_MISSING");
  const about = auditOf(context, request);
  if (!about) return;
  const { project, location } = await about.place();
  const [plural = "", name] = about.resourceName.split("/").slice(2);
  const collection = `projects/${project}/locations/${location ?? "-"}/${plural === "workerpools" ? "workerPools" : plural}`;
  const resource = { name: name ? `${collection}/${name}` : `projects/${project}`, resourceService: about.serviceName };
  if (await context.access.isGranted(principal, about.permission, resource)) return;
  throw permissionDenied(about.permission, `${about.serviceName}/${about.resourceName}`);
}

function route(method: string, path: string, handle: Handler): Route {
  return { method, path: new RegExp(`^${path}$`), handle };
}

async function listLocations({ clients }: RunContext, { call, project }: V1Request): Promise<object> {
  const locations = clients.of(Locations, call.principal, call.signal);
  return toJson(ListLocationsResponseSchema, await locations.listLocations({ name: `projects/${project}` })) as object;
}

async function getLocation({ clients }: RunContext, { call, project, location }: V1Request): Promise<object> {
  const locations = clients.of(Locations, call.principal, call.signal);
  const name = `projects/${project}/locations/${location}`;
  return toJson(LocationSchema, await locations.getLocation({ name })) as object;
}
