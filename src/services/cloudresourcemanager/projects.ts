import type { Policy } from "../../gen/google/iam/v1/policy_pb.js";
import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { KnownProject } from "../../wire/projects/projects.ts";
import { defaultProjectPolicy } from "./default-policy.ts";
import { invalidProjectId, projectNotFound } from "./errors.ts";

export type ProjectDeps = Pick<ServiceDeps, "store" | "policies" | "projects">;

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
  return stored.bindings.length > 0 ? stored : defaultProjectPolicy(project, stored.etag);
}

/** Replaces the policy of a project; ABORTED on a stale etag. */
export function writeProjectPolicy(
  { store, policies }: ProjectDeps,
  project: KnownProject,
  policy: Policy,
): Promise<Policy> {
  return store.transact((transaction) => policies.set(transaction, `projects/${project.id}`, policy));
}
