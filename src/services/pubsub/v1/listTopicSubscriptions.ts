import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { pageFrom } from "../resources/page.ts";
import { findTopic } from "../resources/topic.ts";

/** Publisher.ListTopicSubscriptions: their names, in order. */
export const listTopicSubscriptions = (deps: Deps) =>
  rpc(
    Publisher.method.listTopicSubscriptions,
    { permission: "pubsub.topics.get", audit: "ADMIN_READ" },
    async ({ topic, ...request }) => {
      await findTopic(deps, topic);
      const { page, nextPageToken } = await pageFrom(request, `subscriptions/${topic}`, {
        after: (after, limit) => deps.attachments.list({ kind: "subscription", topic, after, limit }),
        nameOf: (name) => name,
      });
      return { subscriptions: [...page], nextPageToken };
    },
  );
