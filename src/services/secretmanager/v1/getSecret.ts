import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findSecret } from "../find.ts";

/** SecretManagerService.GetSecret. */
export const getSecret = (deps: Deps) =>
  rpc(
    SecretManagerService.method.getSecret,
    { permission: "secretmanager.secrets.get", audit: "ADMIN_READ" },
    async ({ name }) => (await findSecret(deps, name)).message,
  );
