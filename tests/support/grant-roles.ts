import { create } from "@bufbuild/protobuf";
import { PolicySchema } from "../../src/gen/google/iam/v1/policy_pb.js";
import type { BootedApi } from "./boot-api.ts";

/** Gives a service account roles on a project, and nobody else any; without a call, so that nothing is logged. */
export async function grantRoles({ api }: BootedApi, project: string, email: string, ...roles: string[]) {
  const bindings = roles.map((role) => ({ role, members: [`serviceAccount:${email}`] }));
  const policy = create(PolicySchema, { bindings });
  await api.deps.store.transact((transaction) => api.deps.policies.set(transaction, `projects/${project}`, policy));
}
