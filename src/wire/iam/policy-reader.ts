import type { Policy } from "../../gen/google/iam/v1/policy_pb.js";
import type { KnownProject, Projects } from "../projects/projects.ts";
import type { PolicyReader } from "./access/access.ts";
import { defaultProjectPolicy } from "./default-project-policy.ts";
import type { Policies } from "./policies.ts";

/** Reads policies as decisions need them: those of projects that nobody set are Google's default ones. */
export function createPolicyReader(policies: Policies, projects: Projects): PolicyReader {
  const defaults = new Map<string, Policy>();
  const defaultOf = (project: KnownProject): Policy => {
    let policy = defaults.get(project.id);
    if (!policy) defaults.set(project.id, (policy = defaultProjectPolicy(project, new Uint8Array())));
    return policy;
  };
  return async (resource, nowMs) => {
    const policy = await policies.recent(resource, nowMs);
    if (policy.bindings.length > 0) return policy;
    const id = /^projects\/([^/]+)$/.exec(resource)?.[1];
    const project = id === undefined ? undefined : projects.get(id);
    return project ? defaultOf(project) : policy;
  };
}
