import { Condition_CommonReason } from "../../../gen/google/cloud/run/v2/condition_pb.js";
import type { Revision } from "../../../gen/google/cloud/run/v2/revision_pb.js";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { Code } from "../../../gen/google/rpc/code_pb.js";
import { ApiError } from "../../../wire/errors.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { commonReason, type Failure } from "../conditions.ts";
import type { RunContext } from "../context.ts";
import { secretFault } from "./secret-fault.ts";
import { parseSecretName } from "./secret-name.ts";

/** A version of a secret that a template uses. */
interface SecretUse {
  /** Where, in Google's words for messages. */
  readonly field: string;
  /** projects/PROJECT/secrets/SECRET/versions/VERSION */
  readonly name: string;
}

/** What uses secrets: a revision, or the template of a task. */
export interface SecretUser extends Pick<Revision, "containers" | "volumes" | "serviceAccount"> {
  /** Id of the project that unqualified secrets belong to. */
  readonly project: string;
}

/**
 * What stands in the way of a workload's secrets: every one must be there and readable by the workload's service
 * account. Google's words. Google: Cloud Run docs, "How secrets are checked at deployment and runtime".
 */
export async function checkSecrets(
  context: Pick<RunContext, "clients">,
  user: SecretUser,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const faults: string[] = [];
  for (const use of secretUses(user)) {
    const fault = await faultOf(context, use.name, user.serviceAccount, signal);
    if (fault !== undefined) faults.push(`${use.field}: ${fault}`);
  }
  if (faults.length === 0) return undefined;
  const reason = commonReason(Condition_CommonReason.SECRETS_ACCESS_CHECK_FAILED);
  return { message: faults.join("\n"), reason, code: Code.INTERNAL };
}

async function faultOf({ clients }: Pick<RunContext, "clients">, name: string, email: string, signal: AbortSignal) {
  try {
    await clients.of(SecretManagerService, { kind: "serviceAccount", email }, signal).accessSecretVersion({ name });
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ApiError)) throw error;
    return secretFault(error, name, email);
  }
}

function secretUses({ project, containers, volumes }: SecretUser): SecretUse[] {
  const variables = containers.flatMap(({ env }, index) =>
    env.flatMap(({ values }, position) => {
      const secret = values.case === "valueSource" ? values.value.secretKeyRef : undefined;
      const field = `spec.template.spec.containers[${index}].env[${position}].value_from.secret_key_ref.name`;
      return secret ? [{ field, name: versionName(secret.secret, secret.version, project) }] : [];
    }),
  );
  const files = volumes.flatMap(({ volumeType }, index) => {
    if (volumeType.case !== "secret") return [];
    const { secret, items } = volumeType.value;
    const versions = items.length === 0 ? ["latest"] : [...new Set(items.map(({ version }) => version))];
    const field = `spec.template.spec.volumes[${index}].secret.secret_name`;
    return versions.map((version) => ({ field, name: versionName(secret, version, project) }));
  });
  return [...variables, ...files];
}

/** Google names the template's own project by number. */
function versionName(secretName: string, version: string, project: string): string {
  const { secret, project: given = projectNumberOf(project) } = parseSecretName(secretName)!;
  return `projects/${given}/secrets/${secret}/versions/${version}`;
}
