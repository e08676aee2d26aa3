import { Publisher } from "../../../gen/google/cloud/eventarc/publishing/v1/publisher_pb.js";
import { rpc } from "../../../wire/rpc.ts";
import type { PublishingDeps } from "../deps.ts";
import { publishToChannel } from "../publish.ts";

/** Publisher.PublishEvents: to a channel of the caller's project. */
export const publishEvents = (deps: PublishingDeps) =>
  rpc(
    Publisher.method.publishEvents,
    { permission: "eventarc.channels.publish", audit: "DATA_WRITE" },
    async (request) => {
      await publishToChannel(deps, request.channel, request);
      return {};
    },
  );
