import { Projects } from "../../gen/google/cloud/resourcemanager/v3/projects_pb.js";
import type { Policy } from "../../gen/google/iam/v1/policy_pb.js";
import type { ServingDeps } from "../../instances/serving.ts";
import type { TokenOwner } from "../../wire/credentials/tokens.ts";
import { projectNumberOf } from "../../wire/projects/project-number.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";

/** gcloud's OAuth client: the audience of the ID tokens that `gcloud auth print-identity-token` makes for users. */
const GCLOUD_CLIENT_ID = "32555940559.apps.googleusercontent.com";
/** Roles that hold run.routes.invoke. Google: IAM roles and permissions index, run.routes.invoke. */
const INVOKER_ROLES = new Set([
  "roles/run.invoker",
  "roles/run.servicesInvoker",
  "roles/run.admin",
  "roles/run.serviceAgent",
  "roles/owner",
  "roles/editor",
]);
/** Members that stand for everybody with a basic role on a project. */
const CONVENIENCE_ROLES: Readonly<Record<string, string>> = {
  projectOwner: "roles/owner",
  projectEditor: "roles/editor",
  projectViewer: "roles/viewer",
};

/** What the invoker check of ingress needs. */
export type AuthorizeInvokerDeps = Pick<ServiceDeps, "policies" | "tokens" | "clients" | "clock">;

/**
 * Decides whether a caller may invoke a service or an instance, by its policy and that of its project: allUsers need no
 * credential; an ID token must be for one of the audiences. Bindings with a condition grant nothing.
 */
export function createAuthorizeInvoker(deps: AuthorizeInvokerDeps): ServingDeps["authorizeInvoker"] {
  return async (service, credential, audiences) => {
    const policy = await deps.policies.recent(service, deps.clock.nowMs());
    if (invokersOf(policy).includes("allUsers")) return "ALLOWED";
    const owner = credential === undefined ? undefined : await ownerOf(deps, credential, audiences);
    if (!owner) return "UNAUTHENTICATED";
    const projectPolicy = lazily(() => readProjectPolicy(deps, service.split("/")[1]!));
    if (await isAmong(invokersOf(policy), owner, projectPolicy)) return "ALLOWED";
    const inherited = invokersOf(await projectPolicy());
    return (await isAmong(inherited, owner, projectPolicy)) ? "ALLOWED" : "FORBIDDEN";
  };
}

async function ownerOf(
  { tokens }: AuthorizeInvokerDeps,
  credential: string,
  audiences: readonly string[],
): Promise<TokenOwner | undefined> {
  const identity = await tokens.verifyIdToken(credential);
  if (!identity) return tokens.verifyAccessToken(credential);
  const accepted = identity.audience === GCLOUD_CLIENT_ID || audiences.includes(withoutSlash(identity.audience));
  return accepted ? identity : undefined;
}

function withoutSlash(audience: string): string {
  return audience.replace(/\/$/, "");
}

function invokersOf({ bindings }: Policy): string[] {
  const granting = bindings.filter(({ role, condition }) => INVOKER_ROLES.has(role) && !condition);
  return granting.flatMap(({ members }) => members);
}

async function isAmong(
  members: readonly string[],
  { email }: TokenOwner,
  projectPolicy: () => Promise<Policy>,
): Promise<boolean> {
  const [, domain] = email.split("@");
  const own = ["allUsers", "allAuthenticatedUsers", `user:${email}`, `serviceAccount:${email}`, `domain:${domain}`];
  if (members.some((member) => own.includes(member))) return true;
  for (const member of members) {
    const role = CONVENIENCE_ROLES[member.slice(0, member.indexOf(":"))];
    if (role && holdsRole(await projectPolicy(), role, own)) return true;
  }
  return false;
}

function holdsRole({ bindings }: Policy, role: string, own: readonly string[]): boolean {
  return bindings.some((binding) => binding.role === role && binding.members.some((member) => own.includes(member)));
}

function readProjectPolicy({ clients }: AuthorizeInvokerDeps, project: string): Promise<Policy> {
  const email = `service-${projectNumberOf(project)}@serverless-robot-prod.iam.gserviceaccount.com`;
  const projects = clients.of(Projects, { kind: "serviceAgent", email });
  return projects.getIamPolicy({ resource: `projects/${project}` });
}

function lazily<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
