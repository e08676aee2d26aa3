import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";

/** Deletes a snapshot with its policy and the messages that only it kept. */
export async function deleteSnapshotRow(deps: Deps, transaction: StoreTransaction, name: string): Promise<void> {
  await deps.snapshots.delete(transaction, name);
  await deps.attachments.detach(transaction, name);
  await deps.policies.delete(transaction, name);
  await deps.engine.snapshotDeleted(transaction, name);
}
