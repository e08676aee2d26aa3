import { timestampMs } from "@bufbuild/protobuf/wkt";
import { SnapshotSchema, Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { invalidField } from "../resources/errors.ts";
import { SNAPSHOT_KIND } from "../resources/expiry.ts";
import { checkLabels } from "../resources/labels.ts";
import { changedRow } from "../resources/row.ts";
import { findSnapshot, snapshotOf, storedSnapshot } from "../resources/snapshot.ts";
import { updated } from "../resources/update-mask.ts";

const SNAPSHOT = { resource: "Snapshot", schema: SnapshotSchema, mutable: ["labels", "expire_time"] };

/** Subscriber.UpdateSnapshot: its labels, and an earlier time of expiry. */
export const updateSnapshot = (deps: Deps) =>
  rpc(
    Subscriber.method.updateSnapshot,
    { permission: "pubsub.snapshots.update", audit: "ADMIN_WRITE" },
    ({ snapshot: patch, updateMask }) =>
      deps.store.transact(async (transaction) => {
        const { row, snapshot } = await findSnapshot(deps, patch!.name, transaction);
        const changed = updated(SNAPSHOT, snapshot, patch!, updateMask!);
        checkLabels("snapshot.labels", changed.labels);
        const expiresMs = changed.expireTime ? timestampMs(changed.expireTime) : Infinity;
        const nowMs = deps.clock.nowMs();
        if (expiresMs > timestampMs(snapshot.expireTime!) || expiresMs < nowMs)
          throw invalidField("snapshot.expire_time", "The expire_time can only be moved to an earlier time to come.");
        await deps.snapshots.update(transaction, changedRow(row, storedSnapshot(changed), nowMs));
        await deps.wakeups.wake(transaction, SNAPSHOT_KIND, row.name, expiresMs);
        return snapshotOf({ ...row, message: storedSnapshot(changed) });
      }),
  );
