import { Publisher, Subscriber } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { SchemaService } from "../../gen/google/pubsub/v1/schema_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import type { Deps, PubsubDeps } from "./deps.ts";
import { createMessageEngine } from "./messages/create-engine.ts";
import { messageRpcs } from "./messages/rpcs.ts";
import { messageMigrations } from "./messages/storage/migrations.ts";
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
    engine: createMessageEngine(given),
  };
  return {
    name: "pubsub",
    services: [Publisher, Subscriber, SchemaService],
    rpcs: [...resourceRpcs(deps), ...messageRpcs(deps), ...schemaRpcs(deps)],
    iamVersions: ["v1"],
    iamResources: iamResources(deps),
    migrations: [...resourceMigrations, ...schemaMigrations, ...messageMigrations],
    start: () => deps.engine.start(),
    stop: async () => deps.engine[Symbol.asyncDispose](),
    reconcilers: expiryReconcilers(deps),
  };
}
