import { Publisher, Subscriber } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { SchemaService } from "../../gen/google/pubsub/v1/schema_pb.js";
import { unimplemented } from "../../wire/errors.ts";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { Deps, PubsubDeps } from "./deps.ts";
import type { MessageEngine } from "./messages/engine.ts";
import { messageRpcs } from "./messages/rpcs.ts";
import { expiryReconcilers } from "./resources/expiry.ts";
import { iamResources } from "./resources/iam.ts";
import { resourceRpcs } from "./resources/rpcs.ts";
import { createResourceTables, resourceMigrations } from "./resources/store.ts";
import { schemaRpcs } from "./schemas/rpcs.ts";
import { createSchemaCache } from "./schemas/schema-cache.ts";
import { createSchemaTables, schemaMigrations } from "./schemas/store.ts";

/** pubsub.googleapis.com: topics, subscriptions, messages and schemas. */
export function pubsub(given: PubsubDeps): ServiceModule {
  const tables = { ...createResourceTables(given.store), ...createSchemaTables(given.store) };
  const deps: Deps = {
    ...given,
    ...tables,
    schemaCache: createSchemaCache(tables, given.clock),
    engine: noEngine,
  };
  return {
    name: "pubsub",
    services: [Publisher, Subscriber, SchemaService],
    rpcs: [...resourceRpcs(deps), ...messageRpcs(deps), ...schemaRpcs(deps)],
    iamVersions: ["v1"],
    iamResources: iamResources(deps),
    migrations: [...resourceMigrations, ...schemaMigrations],
    reconcilers: expiryReconcilers(deps),
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
  lastUseMs: () => 0,
  backlog: refuse,
  topicCreated: async () => {},
  topicUpdated: async () => {},
  topicDeleted: async () => {},
  subscriptionCreated: async () => {},
  subscriptionUpdated: async () => {},
  subscriptionDeleted: async () => {},
  snapshotCreated: async () => ({ oldestUnackedMs: undefined }),
  snapshotDeleted: async () => {},
  [Symbol.asyncDispose]: async () => {},
};
