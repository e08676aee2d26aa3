import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { abandonAttached } from "../resources/attached.ts";
import { findTopic } from "../resources/topic.ts";

/** Publisher.DeleteTopic: its subscriptions and snapshots stay, with what they still have to deliver. */
export const deleteTopic = (deps: Deps) =>
  rpc(Publisher.method.deleteTopic, { permission: "pubsub.topics.delete", audit: "ADMIN_WRITE" }, ({ topic }) =>
    deps.store.transact(async (transaction) => {
      const { row } = await findTopic(deps, topic, transaction);
      await abandonAttached(deps, transaction, row.name);
      await deps.topics.delete(transaction, row.name);
      await deps.policies.delete(transaction, row.name);
      await deps.engine.topicDeleted(transaction, row.name);
      transaction.afterCommit(() => deps.topicCache.forget(row.name));
      return {};
    }),
  );
