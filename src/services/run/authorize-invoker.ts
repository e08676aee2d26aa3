import { Projects } from "../../gen/google/cloud/resourcemanager/v3/projects_pb.js";
import type { Policy } from "../../gen/google/iam/v1/policy_pb.js";
import type { ServingDeps } from "../../instances/serving.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";

/**
 * Roles that hold run.routes.invoke. Google: cloud.google.com/run/docs/authenticating/overview ("project owners, project
 * editors, and Cloud Run admins and invokers").
 */
const INVOKER_ROLES = new Set([
  "roles/run.invoker",
  "roles/run.servicesInvoker",
  "roles/run.admin",
  "roles/owner",
  "roles/editor",
]);
/** gcloud's client id: the audience of its own ID tokens, which `gcloud functions call` sends. */
const GCLOUD_CLIENT_ID = "32555940559.apps.googleusercontent.com";

type Deps = Pick<ServiceDeps, "policies" | "tokens" | "clients">;

/** Decides who may invoke a service: by its own IAM policy and its project's, and by the audience of the ID token. */
export function createAuthorizeInvoker({ policies, tokens, clients }: Deps): ServingDeps["authorizeInvoker"] {
  return async (service, credential, audiences) => {
    const own = invokersOf(await policies.get(service));
    if (own.has("allUsers")) return "ALLOWED";
    if (credential === undefined) return "FORBIDDEN";
    const caller = await tokens.verifyIdToken(credential);
    if (!caller || !isAudience(caller.audience, audiences)) return "UNAUTHENTICATED";
    const members = membersOf(caller.email);
    if (members.some((member) => own.has(member))) return "ALLOWED";
    const inherited = invokersOf(await projectPolicy(clients, service));
    return members.some((member) => inherited.has(member)) ? "ALLOWED" : "FORBIDDEN";
  };
}

function isAudience(audience: string, audiences: readonly string[]): boolean {
  return (
    audience === GCLOUD_CLIENT_ID || audiences.includes(audience) || audiences.includes(audience.replace(/\/$/, ""))
  );
}

function membersOf(email: string): string[] {
  const kind = email.endsWith(".gserviceaccount.com") ? "serviceAccount" : "user";
  return [`${kind}:${email}`, "allAuthenticatedUsers"];
}

function invokersOf({ bindings }: Policy): ReadonlySet<string> {
  return new Set(bindings.filter(({ role }) => INVOKER_ROLES.has(role)).flatMap(({ members }) => members));
}

function projectPolicy(clients: Deps["clients"], service: string): Promise<Policy> {
  const project = /^projects\/([^/]+)/.exec(service)![1]!;
  const email = `service-${projectNumberOf(project)}@serverless-robot-prod.iam.gserviceaccount.com`;
  return clients.of(Projects, { kind: "serviceAgent", email }).getIamPolicy({ resource: `projects/${project}` });
}
