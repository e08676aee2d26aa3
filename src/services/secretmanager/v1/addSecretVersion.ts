import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { checkPayload } from "../checksum.ts";
import type { Deps } from "../deps.ts";
import { findSecret, versionsOf } from "../find.ts";
import { changedSecretRow } from "../secret.ts";
import { newVersionRow, numberOf, versionOf } from "../version.ts";

/** SecretManagerService.AddSecretVersion: an enabled version with the next number. */
export const addSecretVersion = (deps: Deps) =>
  rpc(
    SecretManagerService.method.addSecretVersion,
    { permission: "secretmanager.versions.add", audit: "ADMIN_WRITE" },
    ({ parent, payload: given }) => {
      const payload = checkPayload(given);
      return deps.store.transact(async (transaction) => {
        const secret = await findSecret(deps, parent, transaction);
        const [newest] = await versionsOf(deps, secret.row.name, transaction);
        const nowMs = deps.clock.nowMs();
        const details = { uid: deps.ids.uuid(), hasChecksum: payload.dataCrc32c !== undefined, nowMs };
        const row = newVersionRow(secret, newest ? numberOf(newest) + 1 : 1, details);
        await deps.versions.insert(transaction, row);
        await deps.payloads.put(transaction, row.name, deps.seal.seal(payload.data, row.uid));
        // Two that are added at the same time cannot both write the secret, so they get different numbers.
        await deps.secrets.update(transaction, changedSecretRow(secret.row, secret.message, nowMs));
        await deps.events.version(transaction, "SECRET_VERSION_ADD", secret.message, versionOf(row));
        return versionOf(row);
      });
    },
  );
