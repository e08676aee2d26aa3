import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { deleteSnapshotRow } from "../resources/delete-snapshot.ts";
import { findSnapshot } from "../resources/snapshot.ts";

/** Subscriber.DeleteSnapshot, with the messages that only it kept. */
export const deleteSnapshot = (deps: Deps) =>
  rpc(
    Subscriber.method.deleteSnapshot,
    { permission: "pubsub.snapshots.delete", audit: "ADMIN_WRITE" },
    ({ snapshot }) =>
      deps.store.transact(async (transaction) => {
        const { row } = await findSnapshot(deps, snapshot, transaction);
        await deleteSnapshotRow(deps, transaction, row.name);
        return {};
      }),
  );
