import { SecretManagerService } from "../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { Code } from "../../gen/google/rpc/code_pb.js";
import type { ServingDeps } from "../../instances/serving.ts";
import { ApiError } from "../../wire/errors.ts";
import type { ServiceDeps } from "../../wire/service-deps.ts";

/** Reads secrets for instances through Secret Manager, as the service account that the instance runs as. */
export function createAccessSecret({ clients }: Pick<ServiceDeps, "clients">): ServingDeps["accessSecret"] {
  return async ({ project, secret, version }, email) => {
    const manager = clients.of(SecretManagerService, { kind: "serviceAccount", email });
    const name = `projects/${project}/secrets/${secret}/versions/${version}`;
    const answer = await manager.accessSecretVersion({ name }).catch((cause: unknown) => refused(name, email, cause));
    return { data: answer.payload?.data ?? new Uint8Array(), version: answer.name.split("/").at(-1)! };
  };
}

/** Google's words, which do not tell a secret that is not there from one that may not be read. */
function refused(name: string, email: string, cause: unknown): never {
  const isRefusal = cause instanceof ApiError && [Code.PERMISSION_DENIED, Code.NOT_FOUND].includes(cause.code);
  if (!isRefusal) throw cause;
  const role = "'Secret Manager Secret Accessor' role (roles/secretmanager.secretAccessor)";
  const advice = `The service account used must be granted the ${role} at the secret, project or higher level.`;
  throw new Error(`Permission denied on secret: ${name} for Revision service account ${email}. ${advice}`, { cause });
}
