import type { SurfaceAudit } from "../../../wire/audit/subject.ts";
import type { RunContext } from "../context.ts";
import { locationOfHost } from "./request.ts";

/** Where the collections lie: below namespaces, and services below locations, too. */
const PATH =
  /^\/(?:apis\/(?:serving\.knative\.dev|run\.googleapis\.com)\/v1\/namespaces\/(?<namespace>[^/]+)|v1\/projects\/(?<project>[^/]+)\/locations\/(?<location>[^/]+))\/(?<plural>[a-z]+)(?:\/(?<name>[^/:]+))?(?::(?<verb>[a-zA-Z]+))?$/;

/** The kinds of what the collections hold, in the words of audit logs. */
const KINDS: Readonly<Record<string, string>> = {
  services: "Service",
  revisions: "Revision",
  configurations: "Configuration",
  routes: "Route",
  jobs: "Job",
  executions: "Execution",
  tasks: "Task",
  workerpools: "WorkerPool",
};

const WRITES: Readonly<Record<string, string>> = { POST: "Create", PUT: "Replace", DELETE: "Delete" };
const VERBS: Readonly<Record<string, string>> = { run: "Run", cancel: "Cancel" };

/** How audit logs name requests to v1. Google: cloud.google.com/run/docs/audit-logging. */
export function auditOf({ projects }: RunContext, request: Request): SurfaceAudit | undefined {
  const { pathname, host } = new URL(request.url);
  const groups = PATH.exec(pathname)?.groups;
  const { plural = "", name, verb, namespace, location } = groups ?? {};
  const kind = KINDS[plural];
  // IAM policies are read and written by the methods of v2, which write their own entries.
  if (!groups || !kind || verb?.endsWith("IamPolicy") || verb === "testIamPermissions") return undefined;
  const project = projects.idOf(decodeURIComponent(namespace ?? groups["project"] ?? ""));
  const action = actionOf(request.method, verb, name);
  if (action === undefined) return undefined;
  const isRead = request.method === "GET";
  const collection = { name: (metadata: string) => `namespaces/${project}/${plural}/${metadata}` };
  const method = `${action}${kind}${action === "List" ? "s" : ""}`;
  return {
    serviceName: "run.googleapis.com",
    methodName: `google.cloud.run.v1.${kind}s.${method}`,
    permission: `run.${plural}.${permissionVerb(action)}`,
    kind: isRead ? "ADMIN_READ" : "ADMIN_WRITE",
    resourceName: name === undefined ? `namespaces/${project}/${plural}` : collection.name(decodeURIComponent(name)),
    nameIn: (answer) => {
      const { metadata } = answer as { readonly metadata?: { readonly name?: unknown } };
      return name === undefined && typeof metadata?.name === "string" ? collection.name(metadata.name) : undefined;
    },
    place: async () => ({ project, location: location ?? placeOf(host) }),
    bodies: { request: `google.cloud.run.v1.${method}Request`, response: `google.cloud.run.v1.${kind}` },
  };
}

function actionOf(httpMethod: string, verb: string | undefined, name: string | undefined): string | undefined {
  if (verb !== undefined) return VERBS[verb];
  if (httpMethod === "GET") return name === undefined ? "List" : "Get";
  return WRITES[httpMethod];
}

function permissionVerb(action: string): string {
  return action === "Replace" ? "update" : action.toLowerCase();
}

function placeOf(host: string): string | undefined {
  const location = locationOfHost(host);
  return location === "-" ? undefined : location;
}
