import { failedPrecondition, unimplemented } from "../../../wire/errors.ts";
import type { RunContext } from "../context.ts";
import type { Collection } from "./collection.ts";
import { CONFIGURATIONS, ROUTES } from "./configurations.ts";
import { type DiscoveredGroups, discoveryOf } from "./discovery.ts";
import { findRevision, findService } from "./find.ts";
import { listCollection, shown } from "./lists.ts";
import type { V1Request } from "./request.ts";
import { removeRevision, REVISIONS } from "./revisions.ts";
import { postService, putService, removeService, SERVICES } from "./services.ts";

type Handler = (context: RunContext, at: V1Request) => Promise<object>;
type Method = readonly [method: string, path: string, handle: Handler];

const NAMESPACE = String.raw`\/apis\/serving\.knative\.dev\/v1\/namespaces\/(?<project>[^/]+)`;
const LOCATION = String.raw`\/v1\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+)`;
const NAME = "(?<name>[^/:]+)";
const READ = ["get", "list", "watch"];

/** What kubectl is told that there is. */
const GROUPS: DiscoveredGroups = {
  "serving.knative.dev": [
    { ...SERVICES, shortNames: ["kservice", "ksvc"], verbs: [...READ, "create", "update", "delete"] },
    { ...REVISIONS, shortNames: ["rev"], verbs: [...READ, "delete"] },
    { ...CONFIGURATIONS, shortNames: ["config", "cfg"], verbs: READ },
    { ...ROUTES, shortNames: ["rt"], verbs: READ },
  ],
  "run.googleapis.com": [
    { plural: "jobs", kind: "Job", shortNames: [], verbs: [...READ, "create", "update", "delete"] },
    { plural: "executions", kind: "Execution", shortNames: [], verbs: [...READ, "delete"] },
    { plural: "tasks", kind: "Task", shortNames: [], verbs: ["get", "list"] },
    { plural: "workerpools", kind: "WorkerPool", shortNames: [], verbs: [...READ, "create", "update", "delete"] },
  ],
};

/**
 * Methods of services, revisions, configurations and routes, and discovery: HTTP method, path, handler. Google: Cloud Run
 * Admin API v1, REST reference.
 */
export const SERVING_METHODS: readonly Method[] = [
  ...methodsOf(SERVICES, findService, {
    create: postService,
    update: putService,
    delete: removeService,
  }),
  ...methodsOf(REVISIONS, findRevision, { delete: removeRevision }),
  ...methodsOf(CONFIGURATIONS, findService, {}),
  ...methodsOf(ROUTES, findService, {}),
  ["GET", String.raw`\/(?:version|api|apis(?:\/[^/]+){0,2}|openapi\/v[23])`, discover],
  ...refusals(),
];

interface Writes {
  readonly create?: Handler;
  readonly update?: Handler;
  readonly delete?: Handler;
}

/** The same objects lie below namespaces and below locations; writes that Cloud Run does not have are refused by name. */
function methodsOf<Item>(
  collection: Collection<Item>,
  find: (context: RunContext, at: V1Request) => Promise<Item>,
  writes: Writes,
): Method[] {
  const { plural } = collection;
  const refuse = (verb: string) => refusal(`The method ${plural}.${verb} of run.googleapis.com/v1`);
  return [NAMESPACE, LOCATION].flatMap((parent): Method[] => [
    ["GET", `${parent}/${plural}`, (context, at) => listCollection(context, collection, at)],
    ["POST", `${parent}/${plural}`, writes.create ?? refuse("create")],
    ["DELETE", `${parent}/${plural}`, refuse("deleteCollection")],
    ["GET", `${parent}/${plural}/${NAME}`, async (context, at) => shown(collection, await find(context, at), at)],
    ["PUT", `${parent}/${plural}/${NAME}`, writes.update ?? refuse("update")],
    ["DELETE", `${parent}/${plural}/${NAME}`, writes.delete ?? refuse("delete")],
    ["PATCH", `${parent}/${plural}/${NAME}`, refuse("patch")],
  ]);
}

async function discover(_context: RunContext, { url }: V1Request): Promise<object> {
  return discoveryOf(GROUPS, url.pathname) ?? Response.json({ error: NO_GROUP }, { status: NO_GROUP.code });
}

const NO_GROUP = { code: 404, message: "The API group is not served.", status: "NOT_FOUND" };

/** What Cloud Run has and homerun has not, and what Kubernetes has and Cloud Run has not. */
function refusals(): Method[] {
  const domains = ["domainmappings", "authorizeddomains"].flatMap((plural) => [
    String.raw`\/apis\/domains\.cloudrun\.com\/v1\/namespaces\/(?<project>[^/]+)\/${plural}(?:\/.*)?`,
    `${LOCATION}/${plural}(?:/.*)?`,
    String.raw`\/v1\/projects\/(?<project>[^/]+)\/${plural}`,
  ]);
  const refuseDomains = domains.flatMap((path) =>
    ["GET", "POST", "PUT", "DELETE"].map((method): Method => [method, path, refuseDomainMapping]),
  );
  const everywhere = String.raw`\/apis\/serving\.knative\.dev\/v1\/(?:services|revisions|configurations|routes)`;
  return [...refuseDomains, ["GET", everywhere, refusal("Listing the objects of all namespaces")]];
}

/** Not UNIMPLEMENTED, which gcloud takes for a network that fails: it would try for half a minute, and say so. */
async function refuseDomainMapping(): Promise<never> {
  throw failedPrecondition("Domain mapping is not supported by homerun.");
}

function refusal(what: string): Handler {
  return async () => {
    throw unimplemented(what);
  };
}
