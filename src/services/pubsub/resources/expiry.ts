import { durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import type { Subscription } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outcome, Reconcile } from "../../../platform/wakeups/wakeups.ts";
import type { Deps } from "../deps.ts";
import { deleteSnapshotRow } from "./delete-snapshot.ts";
import { deleteSubscriptionRow } from "./delete-subscription.ts";
import { snapshotOf } from "./snapshot.ts";
import { subscriptionOf } from "./subscription.ts";

/** The wake-up kinds: a subscription that may have expired, a snapshot that has. */
export const SUBSCRIPTION_KIND = "pubsub.subscription";
export const SNAPSHOT_KIND = "pubsub.snapshot";

/** How often the use of a subscription is looked at before it expires. */
const LOOKS_PER_TTL = 24;

const SETTLED: Outcome = { settled: true };

/** Asks for looks at whether a subscription is still used, until it expires. */
export async function wakeAtExpiry(
  { wakeups }: Pick<Deps, "wakeups">,
  transaction: StoreTransaction,
  subscription: Subscription,
  nowMs: number,
): Promise<void> {
  const ttlMs = ttlOf(subscription);
  if (ttlMs === undefined) return;
  await wakeups.wake(transaction, SUBSCRIPTION_KIND, subscription.name, nowMs + ttlMs / LOOKS_PER_TTL);
}

/** What happens when time has come: subscriptions that nobody used and snapshots go. */
export function expiryReconcilers(deps: Deps): Readonly<Record<string, Reconcile>> {
  return {
    [SUBSCRIPTION_KIND]: (name) =>
      deps.store.transact(async (transaction) => {
        const row = await deps.subscriptions.get(name, transaction);
        const ttlMs = row && ttlOf(subscriptionOf(row));
        if (!row || ttlMs === undefined) return SETTLED;
        const lastUseMs = Math.max(row.updateTimeMs, deps.engine.lastUseMs(name));
        const leftMs = lastUseMs + ttlMs - deps.clock.nowMs();
        if (leftMs <= 0) {
          await deleteSubscriptionRow(deps, transaction, name);
          return SETTLED;
        }
        // The engine may forget in a restart who used a subscription without acknowledging anything.
        if (lastUseMs > row.updateTimeMs)
          await deps.subscriptions.update(transaction, { ...row, updateTimeMs: lastUseMs });
        return { settled: false, retryInMs: Math.min(leftMs, ttlMs / LOOKS_PER_TTL) };
      }),
    [SNAPSHOT_KIND]: (name) =>
      deps.store.transact(async (transaction) => {
        const row = await deps.snapshots.get(name, transaction);
        if (!row) return SETTLED;
        const dueMs = timestampMs(snapshotOf(row).expireTime!);
        if (dueMs > deps.clock.nowMs()) return { settled: false, retryInMs: dueMs - deps.clock.nowMs() };
        await deleteSnapshotRow(deps, transaction, name);
        return SETTLED;
      }),
  };
}

function ttlOf({ expirationPolicy }: Subscription): number | undefined {
  return expirationPolicy?.ttl && durationMs(expirationPolicy.ttl);
}
