import { Publisher } from "../../../gen/google/pubsub/v1/pubsub_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { Deps } from "../deps.ts";
import { checkProject } from "../resources/names.ts";
import { pageOfTable } from "../resources/page.ts";
import { topicOf } from "../resources/topic.ts";

/** Publisher.ListTopics, in order of their names. */
export const listTopics = ({ topics }: Deps) =>
  rpc(
    Publisher.method.listTopics,
    { permission: "pubsub.topics.list", audit: "ADMIN_READ" },
    async ({ project, ...request }) => {
      checkProject(project);
      const { page, nextPageToken } = await pageOfTable(topics, project, "topics", request);
      return { topics: page.map(topicOf), nextPageToken };
    },
  );
