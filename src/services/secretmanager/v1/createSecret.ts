import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { DuplicateResourceError } from "../../../platform/store/resource-table.ts";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, SECRET_KIND } from "../deps.ts";
import { configureTopics } from "../events/check-topics.ts";
import { invalidField, secretExists } from "../errors.ts";
import { publicName, secretName } from "../names.ts";
import { dueTimeMs, newSecretRow, secretOf } from "../secret.ts";
import { checkReplication, validateSecret } from "../validate.ts";

/** SecretManagerService.CreateSecret: a secret without versions. */
export const createSecret = (deps: Deps) =>
  rpc(
    SecretManagerService.method.createSecret,
    { permission: "secretmanager.secrets.create", audit: "ADMIN_WRITE" },
    async ({ parent, secretId, secret }) => {
      const nowMs = deps.clock.nowMs();
      const name = secretName(parent, secretId);
      checkReplication(secret!, parent);
      validateSecret(secret!, nowMs);
      if (Object.keys(secret!.versionAliases).length > 0)
        throw invalidField("secret.version_aliases", "A new secret has no versions that aliases could name.");
      const row = newSecretRow(secret!, name, deps.ids.uuid(), nowMs);
      const made = secretOf(row);
      if (await deps.secrets.get(name)) throw secretExists(publicName(name));
      await configureTopics(deps, made, []);
      try {
        await deps.store.transact(async (transaction) => {
          await deps.secrets.insert(transaction, row);
          const dueMs = dueTimeMs(made);
          if (dueMs !== undefined) await deps.wakeups.wake(transaction, SECRET_KIND, name, dueMs);
          await deps.events.secret(transaction, "SECRET_CREATE", made);
        });
      } catch (error) {
        if (error instanceof DuplicateResourceError) throw secretExists(publicName(name));
        throw error;
      }
      return made;
    },
  );
