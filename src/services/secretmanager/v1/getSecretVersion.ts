import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findVersion } from "../find.ts";

/** SecretManagerService.GetSecretVersion, by number, alias or "latest". */
export const getSecretVersion = (deps: Deps) =>
  rpc(
    SecretManagerService.method.getSecretVersion,
    { permission: "secretmanager.versions.get", audit: "ADMIN_READ" },
    async ({ name }) => (await findVersion(deps, name)).message,
  );
