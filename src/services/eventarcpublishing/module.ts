import { Publisher } from "../../gen/google/cloud/eventarc/publishing/v1/publisher_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { cloudEventsFile } from "./cloud-events-file.ts";
import type { PublishingDeps } from "./deps.ts";
import { publish } from "./v1/publish.ts";
import { publishChannelConnectionEvents } from "./v1/publishChannelConnectionEvents.ts";
import { publishEvents } from "./v1/publishEvents.ts";

/** eventarcpublishing.googleapis.com: events of customers and providers, and Google's that no service of homerun sends. */
export function eventarcpublishing(given: PublishingDeps): ServiceModule {
  const deps = { ...given, log: given.log.child({ subsystem: "eventarcpublishing" }) };
  return {
    name: "eventarcpublishing",
    services: [Publisher],
    rpcs: [publishEvents(deps), publishChannelConnectionEvents(deps), publish(deps)],
    anyTypes: [cloudEventsFile],
  };
}
