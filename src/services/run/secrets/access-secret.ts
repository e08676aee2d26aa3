import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import type { ServingDeps } from "../../../instances/serving.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { ServiceDeps } from "../../../wire/service-deps.ts";
import { secretFault } from "./secret-fault.ts";

/** Reads secrets for instances through Secret Manager, as the service account that the instance runs as. */
export function createAccessSecret({ clients }: Pick<ServiceDeps, "clients">): ServingDeps["accessSecret"] {
  return async ({ project, secret, version }, email) => {
    const manager = clients.of(SecretManagerService, { kind: "serviceAccount", email });
    const name = `projects/${project}/secrets/${secret}/versions/${version}`;
    const answer = await manager.accessSecretVersion({ name }).catch((cause: unknown) => refused(name, email, cause));
    return { data: answer.payload?.data ?? new Uint8Array(), version: answer.name.split("/").at(-1)! };
  };
}

/** Says why in Cloud Run's words. */
function refused(name: string, email: string, cause: unknown): never {
  if (!(cause instanceof ApiError)) throw cause;
  throw new Error(secretFault(cause, name, email), { cause });
}
