import { SecretVersion_State as State } from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { setVersionState } from "../change-version.ts";
import type { Deps } from "../deps.ts";

/** SecretManagerService.EnableSecretVersion. */
export const enableSecretVersion = (deps: Deps) =>
  rpc(
    SecretManagerService.method.enableSecretVersion,
    { permission: "secretmanager.versions.enable", audit: "ADMIN_WRITE" },
    (request) => setVersionState(deps, request, State.ENABLED),
  );
