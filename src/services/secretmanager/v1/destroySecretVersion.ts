import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { destroyVersion } from "../change-version.ts";
import type { Deps } from "../deps.ts";

/** SecretManagerService.DestroySecretVersion: what the version holds goes for good, after the secret's delay if it has one. */
export const destroySecretVersion = (deps: Deps) =>
  rpc(
    SecretManagerService.method.destroySecretVersion,
    { permission: "secretmanager.versions.destroy", audit: "ADMIN_WRITE" },
    (request) => destroyVersion(deps, request),
  );
