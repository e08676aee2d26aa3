import { AuditLogConfig_LogType as LogType, type Policy } from "../../gen/google/iam/v1/policy_pb.js";
import { invalidArgument } from "../../wire/errors.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { KnownProject } from "../../wire/projects/projects.ts";
import { defaultProjectPolicy } from "../../wire/iam/default-project-policy.ts";
import { invalidProjectId, projectNotFound } from "./errors.ts";

export type ProjectDeps = Pick<ServiceDeps, "store" | "policies" | "projects" | "access">;

const PROJECT_ID = /^([a-z][a-z0-9.-]*:)?[a-z][a-z0-9-]{2,61}[a-z0-9]$/;

/** The project of an id or number; any well-formed id names a project, a number only one that was used before. */
export async function findProject({ projects }: ProjectDeps, idOrNumber: string): Promise<KnownProject> {
  const id = projects.idOf(idOrNumber);
  if (/^\d+$/.test(id)) throw projectNotFound(idOrNumber);
  if (!PROJECT_ID.test(id)) throw invalidProjectId(id);
  await projects.remember(id);
  return projects.get(id)!;
}

/** The policy of a project: the one that was set, or Google's default. */
export async function readProjectPolicy({ policies }: ProjectDeps, project: KnownProject): Promise<Policy> {
  const stored = await policies.get(`projects/${project.id}`);
  if (stored.bindings.length > 0) return stored;
  return { ...defaultProjectPolicy(project, stored.etag), auditConfigs: stored.auditConfigs };
}

/**
 * Replaces what the mask names of a project's policy, without one its bindings; ABORTED on a stale etag.
 * Google: iam_policy.proto, SetIamPolicyRequest.update_mask.
 */
export function writeProjectPolicy(
  { store, policies }: ProjectDeps,
  project: KnownProject,
  policy: Policy,
  mask: readonly string[] = [],
): Promise<Policy> {
  const resource = `projects/${project.id}`;
  const names = (path: string) => mask.includes(path) || mask.includes("*");
  return store.transact(async (transaction) => {
    const present = await policies.get(resource, transaction);
    const auditConfigs = names("audit_configs") || names("auditConfigs") ? policy.auditConfigs : present.auditConfigs;
    const bindings = mask.length === 0 || names("bindings") ? policy.bindings : present.bindings;
    checkAuditConfigs(auditConfigs);
    return policies.set(transaction, resource, { ...policy, bindings, auditConfigs });
  });
}

function checkAuditConfigs(configs: Policy["auditConfigs"]): void {
  for (const [index, { service, auditLogConfigs }] of configs.entries()) {
    const field = `policy.audit_configs[${index}]`;
    if (service === "") throw invalidAuditConfig(`${field}.service`, "The service is required.");
    if (auditLogConfigs.some(({ logType }) => logType === LogType.LOG_TYPE_UNSPECIFIED)) {
      throw invalidAuditConfig(`${field}.audit_log_configs`, "The log type is required.");
    }
  }
}

function invalidAuditConfig(field: string, description: string) {
  return invalidArgument(description, [{ field, description }]);
}
