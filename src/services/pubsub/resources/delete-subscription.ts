import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Deps } from "../deps.ts";

/** Deletes a subscription with its policy and what it still had to deliver. */
export async function deleteSubscriptionRow(deps: Deps, transaction: StoreTransaction, name: string): Promise<void> {
  await deps.subscriptions.delete(transaction, name);
  await deps.attachments.detach(transaction, name);
  await deps.policies.delete(transaction, name);
  await deps.engine.subscriptionDeleted(transaction, name);
}
