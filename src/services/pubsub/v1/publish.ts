import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkMessages } from "../messages/check-messages.ts";
import { publishPrepared } from "../transforms/publish-prepared.ts";
import { checkName } from "../resources/names.ts";

/** Publisher.Publish: the ids are answered when the messages are on disk. */
export const publish = (deps: Deps) =>
  rpc(
    Publisher.method.publish,
    { permission: "pubsub.topics.publish", audit: "DATA_WRITE" },
    async ({ topic, messages }) => {
      checkName("topics", topic);
      checkMessages(messages);
      return { messageIds: await publishPrepared(deps, topic, messages) };
    },
  );
