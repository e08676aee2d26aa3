import type { ServingDeps } from "../serving.ts";
import type { ContainerSpec, WorkloadSpec } from "../workload.ts";
import { StartError } from "./start-instance.ts";

/**
 * The values of a container's variables that come from secrets, read as the workload's service account. Rejects with
 * StartError when one may not be read.
 */
export async function readSecretEnv(
  { accessSecret }: Pick<ServingDeps, "accessSecret">,
  { serviceAccountEmail }: WorkloadSpec,
  { name: container, secretEnv }: ContainerSpec,
): Promise<Readonly<Record<string, string>>> {
  try {
    const values = Object.entries(secretEnv).map(async ([name, reference]) => {
      const { data } = await accessSecret(reference, serviceAccountEmail);
      return [name, Buffer.from(data).toString("utf8")] as const;
    });
    return Object.fromEntries(await Promise.all(values));
  } catch (cause) {
    throw new StartError("SECRET_NOT_ACCESSIBLE", cause, { container });
  }
}
