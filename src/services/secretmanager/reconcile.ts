import { timestampMs } from "@bufbuild/protobuf/wkt";
import { type Secret, SecretVersion_State as State } from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { StoreTransaction } from "../../platform/store/store.ts";
import type { Outcome, Reconcile } from "../../platform/wakeups/wakeups.ts";
import { deleteWhole } from "./delete-secret.ts";
import { type Deps, SECRET_KIND, VERSION_KIND } from "./deps.ts";
import { nextRotationMs, rotated } from "./rotation.ts";
import { changedSecretRow, dueTimeMs, expireTimeMs, secretOf } from "./secret.ts";
import { changedVersionRow, destroyed, versionOf } from "./version.ts";

const SETTLED: Outcome = { settled: true };

/** What happens when time has come: secrets expire, versions are destroyed. */
export function reconcilers(deps: Deps): Readonly<Record<string, Reconcile>> {
  return {
    [SECRET_KIND]: (name) => deps.store.transact((transaction) => lookAtSecret(deps, transaction, name)),
    [VERSION_KIND]: (name) =>
      deps.store.transact(async (transaction) => {
        const row = await deps.versions.get(name, transaction);
        const version = row && versionOf(row);
        if (!version?.scheduledDestroyTime || version.state === State.DESTROYED) return SETTLED;
        const nowMs = deps.clock.nowMs();
        const dueMs = timestampMs(version.scheduledDestroyTime);
        if (dueMs > nowMs) return { settled: false, retryInMs: dueMs - nowMs };
        await deps.payloads.delete(transaction, name);
        const updated = await deps.versions.update(
          transaction,
          changedVersionRow(row!, destroyed(version, nowMs), nowMs),
        );
        const secret = await deps.secrets.get(updated.parent, transaction);
        if (secret)
          await deps.events.version(transaction, "SECRET_VERSION_DESTROY", secretOf(secret), versionOf(updated));
        return SETTLED;
      }),
  };
}

/** Deletes a secret whose time is over, and asks for the rotation of one that is due. */
async function lookAtSecret(deps: Deps, transaction: StoreTransaction, name: string): Promise<Outcome> {
  const row = await deps.secrets.get(name, transaction);
  if (!row) return SETTLED;
  const secret = secretOf(row);
  const nowMs = deps.clock.nowMs();
  if ((expireTimeMs(secret) ?? Infinity) <= nowMs) {
    await deleteWhole(deps, transaction, name);
    await deps.events.secret(transaction, "SECRET_DELETE", secret, "EXPIRATION");
    return SETTLED;
  }
  if ((nextRotationMs(secret) ?? Infinity) > nowMs) return nextLook(secret, nowMs);
  const changed = await deps.secrets.update(transaction, changedSecretRow(row, rotated(secret, nowMs), nowMs));
  await deps.events.secret(transaction, "SECRET_ROTATE", secretOf(changed));
  return nextLook(secretOf(changed), nowMs);
}

function nextLook(secret: Secret, nowMs: number): Outcome {
  const dueMs = dueTimeMs(secret);
  return dueMs === undefined ? SETTLED : { settled: false, retryInMs: dueMs - nowMs };
}
