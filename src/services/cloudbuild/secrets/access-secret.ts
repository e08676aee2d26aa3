import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import type { Principal } from "../../../wire/credentials/principal.ts";
import { ApiError } from "../../../wire/errors.ts";
import type { Deps } from "../deps.ts";

/** A secret that cannot be had, in Cloud Build's words. */
export class SecretError extends Error {
  override readonly name = "SecretError";
}

/** What a secret version holds, read as `as`; rejects with a SecretError when Secret Manager refuses. */
export async function accessSecret(
  { clients }: Pick<Deps, "clients">,
  versionName: string,
  as: Principal,
  signal?: AbortSignal,
): Promise<Buffer> {
  try {
    const { payload } = await clients.of(SecretManagerService, as, signal).accessSecretVersion({ name: versionName });
    return Buffer.from(payload?.data ?? []);
  } catch (cause) {
    if (!(cause instanceof ApiError)) throw cause;
    throw new SecretError(`failed to access secret version for secret ${versionName}: ${cause.message}`, { cause });
  }
}
