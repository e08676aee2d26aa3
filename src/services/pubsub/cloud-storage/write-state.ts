import { CloudStorageConfig_State as State, Subscription_State } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { Store } from "../../../platform/store/store.ts";
import type { ResourceTables } from "../resources/store.ts";
import { storedSubscription, subscriptionOf } from "../resources/subscription.ts";

/** Writes down whether a subscription can write to its bucket; nothing when it is gone, or writes to none. */
export function createSetState({ store, subscriptions }: { store: Store } & Pick<ResourceTables, "subscriptions">) {
  return (name: string, state: State): Promise<void> =>
    store.transact(async (transaction) => {
      const row = await subscriptions.get(name, transaction);
      const subscription = row && subscriptionOf(row);
      if (!row || !subscription?.cloudStorageConfig || subscription.cloudStorageConfig.state === state) return;
      const message = storedSubscription({
        ...subscription,
        state: state === State.ACTIVE ? Subscription_State.ACTIVE : Subscription_State.RESOURCE_ERROR,
        cloudStorageConfig: { ...subscription.cloudStorageConfig, state },
      });
      await subscriptions.update(transaction, { ...row, message });
    });
}
