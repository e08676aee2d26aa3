import { Publisher } from "../../../gen/google/cloud/eventarc/publishing/v1/publisher_pb.js";
import { Eventarc } from "../../../gen/google/cloud/eventarc/v1/eventarc_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import { agentOf } from "../channel-triggers.ts";
import type { PublishingDeps } from "../deps.ts";
import { invalidRequest } from "../errors.ts";
import { publishToChannel } from "../publish.ts";

const CONNECTION = /^projects\/([^/]+)(\/locations\/[^/]+\/channelConnections\/[^/]+)$/;

/** Publisher.PublishChannelConnectionEvents: to the channel that the provider's connection leads to. */
export const publishChannelConnectionEvents = (deps: PublishingDeps) =>
  rpc(
    Publisher.method.publishChannelConnectionEvents,
    { permission: "eventarc.channelConnections.publish", audit: "DATA_WRITE" },
    async (request) => {
      const [, givenProject, rest] = CONNECTION.exec(request.channelConnection) ?? [];
      if (givenProject === undefined)
        throw invalidRequest("channel_connection", `invalid resource name "${request.channelConnection}"`);
      const project = deps.projects.idOf(givenProject);
      const eventarc = deps.clients.of(Eventarc, agentOf(project));
      const { channel } = await eventarc.getChannelConnection({ name: `projects/${project}${rest}` });
      await publishToChannel(deps, channel, request);
      return {};
    },
  );
