import { Subscriber } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { deleteSubscriptionRow } from "../resources/delete-subscription.ts";
import { findSubscription } from "../resources/subscription.ts";

/** Subscriber.DeleteSubscription, with its backlog. */
export const deleteSubscription = (deps: Deps) =>
  rpc(
    Subscriber.method.deleteSubscription,
    { permission: "pubsub.subscriptions.delete", audit: "ADMIN_WRITE" },
    ({ subscription }) =>
      deps.store.transact(async (transaction) => {
        const { row } = await findSubscription(deps, subscription, transaction);
        await deleteSubscriptionRow(deps, transaction, row.name);
        return {};
      }),
  );
