import { fromJsonString } from "@bufbuild/protobuf";
import { type Policy, PolicySchema } from "../../gen/google/iam/v1/policy_pb.js";
import type { Store } from "../../platform/store/store.ts";

interface Tables {
  iam_policies: { resource: string; message: string };
}

/** How long it may be remembered which policies there are, ms: another process may have changed one. */
const REMEMBERED_MS = 10_000;

/** The policies of projects that enable Data Access logs. */
export interface AuditedPolicies {
  /** By project id; not to be changed. */
  get(nowMs: number): Promise<ReadonlyMap<string, Policy>>;
  /** A policy has been changed by this process. */
  forget(): void;
}

export function createAuditedPolicies(store: Store): AuditedPolicies {
  let known: { readonly untilMs: number; readonly policies: Promise<ReadonlyMap<string, Policy>> } | undefined;
  return {
    get(nowMs) {
      if (known !== undefined && nowMs < known.untilMs) return known.policies;
      const policies = read(store);
      known = { untilMs: nowMs + REMEMBERED_MS, policies };
      policies.catch(() => (known = undefined));
      return policies;
    },
    forget() {
      known = undefined;
    },
  };
}

async function read(store: Store): Promise<ReadonlyMap<string, Policy>> {
  const query = store.read<Tables>().selectFrom("iam_policies").selectAll().where("resource", "like", "projects/%");
  const rows = await query.where("message", "like", '%"auditConfigs"%').execute();
  const ofProjects = rows.filter(({ resource }) => /^projects\/[^/]+$/.test(resource));
  return new Map(
    ofProjects.map(({ resource, message }) => [
      resource.slice("projects/".length),
      fromJsonString(PolicySchema, message),
    ]),
  );
}
