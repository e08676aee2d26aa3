import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";
import { DELETED_TOPIC } from "./names.ts";
import { changedRow } from "./row.ts";
import { snapshotOf, storedSnapshot } from "./snapshot.ts";
import { storedSubscription, subscriptionOf } from "./subscription.ts";

/** Takes subscriptions and snapshots off a topic that is deleted. */
export async function abandonAttached(deps: Deps, transaction: StoreTransaction, topic: string): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const attached = await deps.attachments.list({ kind: "subscription", topic }, transaction);
  const detached = await deps.attachments.list({ kind: "detached", topic }, transaction);
  for (const name of [...attached, ...detached]) {
    const row = await deps.subscriptions.get(name, transaction);
    await deps.attachments.detach(transaction, name);
    if (!row) continue;
    const message = storedSubscription({ ...subscriptionOf(row), topic: DELETED_TOPIC });
    await deps.subscriptions.update(transaction, changedRow(row, message, nowMs));
  }
  for (const name of await deps.attachments.list({ kind: "snapshot", topic }, transaction)) {
    const row = await deps.snapshots.get(name, transaction);
    await deps.attachments.detach(transaction, name);
    if (!row) continue;
    const message = storedSnapshot({ ...snapshotOf(row), topic: DELETED_TOPIC });
    await deps.snapshots.update(transaction, changedRow(row, message, nowMs));
  }
}
