import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { DELETED_TOPIC } from "../resources/names.ts";
import { changedRow } from "../resources/row.ts";
import { findSubscription, storedSubscription, subscriptionOf } from "../resources/subscription.ts";

/** Publisher.DetachSubscription: it keeps its topic's name, but gets nothing any more, and its backlog is dropped. */
export const detachSubscription = (deps: Deps) =>
  rpc(
    Publisher.method.detachSubscription,
    { permission: "pubsub.topics.detachSubscription", audit: "ADMIN_WRITE" },
    ({ subscription: name }) =>
      deps.store.transact(async (transaction) => {
        const { row, subscription } = await findSubscription(deps, name, transaction);
        if (subscription.detached) return {};
        const message = storedSubscription({ ...subscription, detached: true });
        await deps.attachments.detach(transaction, name);
        if (subscription.topic !== DELETED_TOPIC)
          await deps.attachments.attach(transaction, "detached", name, subscription.topic);
        const written = await deps.subscriptions.update(transaction, changedRow(row, message, deps.clock.nowMs()));
        await deps.engine.subscriptionUpdated(transaction, subscriptionOf(written));
        return {};
      }),
  );
