import { Publisher, Subscriber } from "../../gen/google/pubsub/v1/pubsub_pb.js";
import { SchemaService } from "../../gen/google/pubsub/v1/schema_pb.js";
import type { ServiceModule } from "../../wire/service-module.ts";
import { createConsumers } from "./consumers.ts";
import type { Deps, PubsubDeps } from "./deps.ts";
import { eventMigrations } from "./events/migrations.ts";
import { createMessageEngine } from "./messages/create-engine.ts";
import { messageRpcs } from "./messages/rpcs.ts";
import { messageMigrations } from "./messages/storage/migrations.ts";
import { expiryReconcilers } from "./resources/expiry.ts";
import { iamResources } from "./resources/iam.ts";
import { resourceRpcs } from "./resources/rpcs.ts";
import { createResourceTables, resourceMigrations } from "./resources/store.ts";
import { createTopicCache } from "./resources/topic-cache.ts";
import { schemaRpcs } from "./schemas/rpcs.ts";
import { createSchemaCache } from "./schemas/schema-cache.ts";
import { createSchemaTables, schemaMigrations } from "./schemas/store.ts";
import { createFunctionRunner } from "./transforms/function-runner.ts";
import { transformSurface } from "./transforms/surface.ts";
import { withTransforms } from "./transforms/with-transforms.ts";

/** pubsub.googleapis.com: topics, subscriptions, messages and schemas. */
export function pubsub(given: PubsubDeps): ServiceModule {
  const functions = createFunctionRunner();
  const tables = { ...createResourceTables(given.store), ...createSchemaTables(given.store) };
  const engine = withTransforms(createMessageEngine(given), { functions, log: given.log });
  const schemaCache = createSchemaCache(tables, given.clock);
  const consumers = createConsumers({ ...given, ...tables, schemaCache }, engine);
  const deps: Deps = {
    ...given,
    ...tables,
    topicCache: createTopicCache(tables.topics, given.clock),
    schemaCache,
    functions,
    engine: consumers.engine,
  };
  return {
    name: "pubsub",
    services: [Publisher, Subscriber, SchemaService],
    rpcs: [...resourceRpcs(deps), ...messageRpcs(deps), ...schemaRpcs(deps)],
    iamVersions: ["v1"],
    iamResources: iamResources(deps),
    migrations: [...resourceMigrations, ...schemaMigrations, ...messageMigrations, ...eventMigrations],
    surfaces: [consumers.surface, transformSurface(deps)],
    async start() {
      await engine.start();
      await consumers.start();
    },
    async stop() {
      await consumers.stop();
      await engine[Symbol.asyncDispose]();
      await functions[Symbol.asyncDispose]();
    },
    reconcilers: expiryReconcilers(deps),
  };
}
