import type { Build } from "../../../gen/google/devtools/cloudbuild/v1/cloudbuild_pb.js";
import type { Deps } from "../deps.ts";
import { accessSecret } from "./access-secret.ts";

/** Values of a build's secret variables by their names. */
export type SecretVariables = Readonly<Record<string, string>>;

/**
 * Reads a build's secrets with its service account. Google: cloudbuild.proto, SecretManagerSecret. Rejects with a
 * SecretError when one cannot be had.
 */
export async function readSecretVariables(
  deps: Pick<Deps, "clients">,
  { availableSecrets, serviceAccount }: Build,
  signal: AbortSignal,
): Promise<SecretVariables> {
  const account = { kind: "serviceAccount", email: serviceAccount.split("/").at(-1) ?? "" } as const;
  const read = (availableSecrets?.secretManager ?? []).map(
    async ({ versionName, env }) =>
      [env, (await accessSecret(deps, versionName, account, signal)).toString("utf8")] as const,
  );
  return Object.fromEntries(await Promise.all(read));
}

/** The secret variables that a step asks for, by itself or for all steps; without `secrets`, their names. */
export function secretsOfStep(build: Build, index: number, secrets: SecretVariables | undefined): SecretVariables {
  const names = [...(build.options?.secretEnv ?? []), ...(build.steps[index]?.secretEnv ?? [])];
  return Object.fromEntries(names.map((name) => [name, secrets?.[name] ?? ""]));
}
