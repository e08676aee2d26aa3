import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { findTopic } from "../resources/topic.ts";

/** Publisher.GetTopic. */
export const getTopic = (deps: Deps) =>
  rpc(
    Publisher.method.getTopic,
    { permission: "pubsub.topics.get", audit: "ADMIN_READ" },
    async ({ topic }) => (await findTopic(deps, topic)).topic,
  );
