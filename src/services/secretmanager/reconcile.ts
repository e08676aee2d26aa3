import { timestampMs } from "@bufbuild/protobuf/wkt";
import { SecretVersion_State as State } from "../../gen/google/cloud/secretmanager/v1/resources_pb.js";
import type { Outcome, Reconcile } from "../../platform/wakeups/wakeups.ts";
import { deleteWhole } from "./delete-secret.ts";
import { type Deps, SECRET_KIND, VERSION_KIND } from "./deps.ts";
import { expireTimeMs, secretOf } from "./secret.ts";
import { changedVersionRow, destroyed, versionOf } from "./version.ts";

const SETTLED: Outcome = { settled: true };

/** What happens when time has come: secrets expire, versions are destroyed. */
export function reconcilers(deps: Deps): Readonly<Record<string, Reconcile>> {
  return {
    [SECRET_KIND]: (name) =>
      deps.store.transact(async (transaction) => {
        const row = await deps.secrets.get(name, transaction);
        const dueMs = row && expireTimeMs(secretOf(row));
        if (dueMs === undefined) return SETTLED;
        if (dueMs > deps.clock.nowMs()) return { settled: false, retryInMs: dueMs - deps.clock.nowMs() };
        await deleteWhole(deps, transaction, name);
        return SETTLED;
      }),
    [VERSION_KIND]: (name) =>
      deps.store.transact(async (transaction) => {
        const row = await deps.versions.get(name, transaction);
        const version = row && versionOf(row);
        if (!version?.scheduledDestroyTime || version.state === State.DESTROYED) return SETTLED;
        const nowMs = deps.clock.nowMs();
        const dueMs = timestampMs(version.scheduledDestroyTime);
        if (dueMs > nowMs) return { settled: false, retryInMs: dueMs - nowMs };
        await deps.payloads.delete(transaction, name);
        await deps.versions.update(transaction, changedVersionRow(row!, destroyed(version, nowMs), nowMs));
        return SETTLED;
      }),
  };
}
