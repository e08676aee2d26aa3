import type { ServingDeps } from "../../instances/serving.ts";
import { principalOf } from "../../wire/credentials/authenticate.ts";
import type { TokenOwner } from "../../wire/credentials/tokens.ts";
import { compilePolicy } from "../../wire/iam/access/compiled-policy.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";

/** gcloud's OAuth client: the audience of the ID tokens that `gcloud auth print-identity-token` makes for users. */
const GCLOUD_CLIENT_ID = "32555940559.apps.googleusercontent.com";
/** Google: cloud.google.com/run/docs/reference/iam/permissions. */
const INVOKE = "run.routes.invoke";
const SERVICE_HOST = "run.googleapis.com";

/** What the invoker check of ingress needs. */
export type AuthorizeInvokerDeps = Pick<ServiceDeps, "access" | "policies" | "tokens" | "clock">;

/**
 * Decides whether a caller may invoke a service or an instance, by its policy and that of its project: allUsers need no
 * credential; an ID token must be for one of the audiences.
 */
export function createAuthorizeInvoker(deps: AuthorizeInvokerDeps): ServingDeps["authorizeInvoker"] {
  return async (service, credential, audiences) => {
    if (await isPublic(deps, service)) return "ALLOWED";
    const owner = credential === undefined ? undefined : await ownerOf(deps, credential, audiences);
    if (!owner) return "UNAUTHENTICATED";
    const resource = { name: service, resourceType: typeOf(service), resourceService: SERVICE_HOST };
    return (await deps.access.isGranted(principalOf(owner), INVOKE, resource)) ? "ALLOWED" : "FORBIDDEN";
  };
}

/** Whether somebody without a credential may invoke; most services say nothing of allUsers, which is seen at once. */
async function isPublic({ access, policies, clock }: AuthorizeInvokerDeps, service: string): Promise<boolean> {
  const { grantsOf } = compilePolicy(await policies.recent(service, clock.nowMs()));
  if (!grantsOf.has("allUsers")) return false;
  const resource = { name: service, resourceType: typeOf(service), resourceService: SERVICE_HOST };
  return (await access.reasonFor({ kind: "anonymous" }, INVOKE, resource)) !== undefined;
}

/** Google: cloud.google.com/iam/docs/conditions-resource-attributes, "Resource type". */
function typeOf(name: string): string {
  return `${SERVICE_HOST}/${name.split("/").at(-2) === "instances" ? "Instance" : "Service"}`;
}

async function ownerOf(
  { tokens }: AuthorizeInvokerDeps,
  credential: string,
  audiences: readonly string[],
): Promise<TokenOwner | undefined> {
  const identity = await tokens.verifyIdToken(credential);
  if (!identity) return tokens.verifyAccessToken(credential);
  const accepted = identity.audience === GCLOUD_CLIENT_ID || audiences.some((each) => isBelow(each, identity.audience));
  return accepted ? identity : undefined;
}

/** Pub/Sub, Scheduler and Tasks ask for tokens for the whole URL that they call, unless they are told otherwise. */
function isBelow(accepted: string, audience: string): boolean {
  if (!audience.startsWith(accepted)) return false;
  return /^([/?]|$)/.test(audience.slice(accepted.length));
}
