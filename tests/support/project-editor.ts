import { create } from "@bufbuild/protobuf";
import { PolicySchema } from "../../src/gen/google/iam/v1/policy_pb.js";
import type { BootedApi } from "./boot-api.ts";

/** Makes a service account an editor of a project, as the default one is; without a call, so that nothing is logged. */
export async function makeEditor({ api }: BootedApi, project: string, email: string): Promise<void> {
  const policy = create(PolicySchema, { bindings: [{ role: "roles/editor", members: [`serviceAccount:${email}`] }] });
  await api.deps.store.transact((transaction) => api.deps.policies.set(transaction, `projects/${project}`, policy));
}
