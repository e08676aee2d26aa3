import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { pageFrom } from "../resources/page.ts";
import { findTopic } from "../resources/topic.ts";

/** Publisher.ListTopicSnapshots: their names, in order. */
export const listTopicSnapshots = (deps: Deps) =>
  rpc(
    Publisher.method.listTopicSnapshots,
    { permission: "pubsub.topics.get", audit: "ADMIN_READ" },
    async ({ topic, ...request }) => {
      await findTopic(deps, topic);
      const { page, nextPageToken } = await pageFrom(request, `snapshots/${topic}`, {
        after: (after, limit) => deps.attachments.list({ kind: "snapshot", topic, after, limit }),
        nameOf: (name) => name,
      });
      return { snapshots: [...page], nextPageToken };
    },
  );
