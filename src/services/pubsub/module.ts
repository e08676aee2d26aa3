import { Publisher, Subscriber } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { SchemaService } from "../../gen/google/pubsub/v1/schema_pb.js";
import { unimplemented } from "../../wire/errors.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { Deps, PubsubDeps } from "./deps.ts";
import type { MessageEngine } from "./messages/engine.ts";
import { messageRpcs } from "./messages/rpcs.ts";
import { resourceRpcs } from "./resources/rpcs.ts";
import { schemaRpcs } from "./schemas/rpcs.ts";

/** pubsub.googleapis.com: topics, subscriptions, messages and schemas. */
export function pubsub(given: PubsubDeps): ServiceModule {
  const deps: Deps = { ...given, engine: noEngine };
  return {
    name: "pubsub",
    services: [Publisher, Subscriber, SchemaService],
    rpcs: [...resourceRpcs(deps), ...messageRpcs(deps), ...schemaRpcs(deps)],
  };
}

const refuse = () => {
  throw unimplemented("Delivery of messages");
};
const noEngine: MessageEngine = {
  start: async () => {},
  publish: refuse,
  deliveries: refuse,
  seek: refuse,
  lastUseMs: refuse,
  backlog: refuse,
  topicCreated: refuse,
  topicUpdated: refuse,
  topicDeleted: refuse,
  subscriptionCreated: refuse,
  subscriptionUpdated: refuse,
  subscriptionDeleted: refuse,
  snapshotCreated: refuse,
  snapshotDeleted: refuse,
  [Symbol.asyncDispose]: async () => {},
};
