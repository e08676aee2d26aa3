import { SecretSchema } from "../../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import { SecretManagerService } from "../../../gen/google/cloud/secretmanager/v1/service_pb.js";
import { checkEtag } from "../../../wire/etag.ts";
import { applyFieldMask } from "../../../wire/field-mask.ts";
import { rpc } from "../../../wire/rpc.ts";
import { type Deps, SECRET_KIND } from "../deps.ts";
import { configureTopics } from "../events/check-topics.ts";
import { invalidField, versionNotFound } from "../errors.ts";
import { findSecret } from "../find.ts";
import { changedSecretRow, dueTimeMs, secretOf } from "../secret.ts";
import { validateSecret } from "../validate.ts";

/** SecretManagerService.UpdateSecret: the fields of the mask; replication cannot be changed. */
export const updateSecret = (deps: Deps) =>
  rpc(
    SecretManagerService.method.updateSecret,
    { permission: "secretmanager.secrets.update", audit: "ADMIN_WRITE" },
    async ({ secret, updateMask }) => {
      const { message: present } = await findSecret(deps, secret!.name);
      const asked = applyFieldMask(SecretSchema, present, secret!, updateMask!);
      validateSecret(asked, deps.clock.nowMs(), present);
      await configureTopics(deps, asked, present.topics);
      return deps.store.transact(async (transaction) => {
        const { row, message } = await findSecret(deps, secret!.name, transaction);
        checkEtag(secret!.etag, message.etag);
        if (updateMask!.paths.some((path) => path.startsWith("replication")))
          throw invalidField("update_mask", "The replication of a secret cannot be changed.");
        const nowMs = deps.clock.nowMs();
        const changed = applyFieldMask(SecretSchema, message, secret!, updateMask!);
        validateSecret(changed, nowMs, message);
        for (const number of Object.values(changed.versionAliases)) {
          const version = `${row.name}/versions/${number}`;
          if (!(await deps.versions.get(version, transaction))) throw versionNotFound(version);
        }
        const updated = await deps.secrets.update(transaction, changedSecretRow(row, changed, nowMs));
        const answer = secretOf(updated);
        const dueMs = dueTimeMs(answer);
        if (dueMs !== undefined) await deps.wakeups.wake(transaction, SECRET_KIND, row.name, dueMs);
        await deps.events.secret(transaction, "SECRET_UPDATE", answer);
        return answer;
      });
    },
  );
