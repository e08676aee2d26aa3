import type { ServiceDeps } from "../../wire/service-deps.ts";
import type { MessageEngine } from "./messages/engine.ts";
import type { ResourceTables } from "./resources/store.ts";
import type { TopicCache } from "./resources/topic-cache.ts";
import type { SchemaCache } from "./schemas/schema-cache.ts";
import type { SchemaTables } from "./schemas/store.ts";
import type { FunctionRunner } from "./transforms/function-runner.ts";

/** What Pub/Sub needs of the rest of the server. */
export type PubsubDeps = Pick<
  ServiceDeps,
  | "store"
  | "wakeups"
  | "blobs"
  | "clock"
  | "ids"
  | "log"
  | "policies"
  | "access"
  | "projects"
  | "tokens"
  | "serviceAccounts"
  | "clients"
  | "fetchInProcess"
  | "outgoing"
  | "addresses"
>;

/** What its methods share. */
export interface Deps extends PubsubDeps, ResourceTables, SchemaTables {
  readonly topicCache: TopicCache;
  readonly schemaCache: SchemaCache;
  /** Runs the functions of message transforms. */
  readonly functions: FunctionRunner;
  readonly engine: MessageEngine;
}
