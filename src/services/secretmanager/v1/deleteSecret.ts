import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { checkEtag } from "../../../wire/etag.ts";
import { rpc } from "../../../wire/rpc.ts";
import { deleteWhole } from "../delete-secret.ts";
import type { Deps } from "../deps.ts";
import { findSecret } from "../find.ts";

/** SecretManagerService.DeleteSecret, with all its versions. */
export const deleteSecret = (deps: Deps) =>
  rpc(
    SecretManagerService.method.deleteSecret,
    { permission: "secretmanager.secrets.delete", audit: "ADMIN_WRITE" },
    ({ name, etag }) =>
      deps.store.transact(async (transaction) => {
        const { row, message } = await findSecret(deps, name, transaction);
        checkEtag(etag, message.etag);
        await deleteWhole(deps, transaction, row.name);
        await deps.events.secret(transaction, "SECRET_DELETE", message, "REQUESTED");
        return {};
      }),
  );
