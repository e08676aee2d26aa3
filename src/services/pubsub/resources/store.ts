import { createResourceTable, resourceTableMigration } from "../../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";

const TOPICS = "pubsub_topics";
const SUBSCRIPTIONS = "pubsub_subscriptions";
const SNAPSHOTS = "pubsub_snapshots";
const ATTACHMENTS = "pubsub_attachments";

/** Topics, and what hangs on them. */
export interface ResourceTables {
  readonly topics: ResourceTable;
  readonly subscriptions: ResourceTable;
  readonly snapshots: ResourceTable;
  readonly attachments: Attachments;
}

/** Which topic a subscription or snapshot hangs on, whatever their projects. */
export interface Attachments {
  attach(transaction: StoreTransaction, kind: AttachmentKind, name: string, topic: string): Promise<void>;
  detach(transaction: StoreTransaction, name: string): Promise<void>;
  /** Names in order, after a given one. */
  list(query: AttachmentQuery, transaction?: StoreTransaction): Promise<readonly string[]>;
}

/** "detached" is a subscription that gets nothing any more, but still says which topic it was of. */
export type AttachmentKind = "subscription" | "detached" | "snapshot";

export interface AttachmentQuery {
  readonly kind: AttachmentKind;
  readonly topic: string;
  readonly after?: string;
  readonly limit?: number;
}

interface Tables {
  [ATTACHMENTS]: { name: string; kind: string; topic: string };
}

/** The tables of topics, subscriptions and snapshots. */
export const resourceMigrations: readonly Migration[] = [
  resourceTableMigration("resources-001-topics", TOPICS),
  resourceTableMigration("resources-002-subscriptions", SUBSCRIPTIONS),
  resourceTableMigration("resources-003-snapshots", SNAPSHOTS),
  {
    name: "resources-004-attachments",
    async up(database) {
      await database.schema
        .createTable(ATTACHMENTS)
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("kind", "text", (column) => column.notNull())
        .addColumn("topic", "text", (column) => column.notNull())
        .execute();
      const index = database.schema.createIndex(`${ATTACHMENTS}_topic`).on(ATTACHMENTS);
      await index.columns(["topic", "kind", "name"]).execute();
    },
  },
];

/** Every SQL statement about topics, subscriptions and snapshots. */
export function createResourceTables(store: Store): ResourceTables {
  return {
    topics: createResourceTable(store, TOPICS),
    subscriptions: createResourceTable(store, SUBSCRIPTIONS),
    snapshots: createResourceTable(store, SNAPSHOTS),
    attachments: attachments(store),
  };
}

function attachments(store: Store): Attachments {
  return {
    async attach(transaction, kind, name, topic) {
      await transaction.as<Tables>().insertInto(ATTACHMENTS).values({ name, kind, topic }).execute();
    },
    async detach(transaction, name) {
      await transaction.as<Tables>().deleteFrom(ATTACHMENTS).where("name", "=", name).execute();
    },
    async list({ kind, topic, after = "", limit = Number.MAX_SAFE_INTEGER }, transaction) {
      const database = transaction?.as<Tables>() ?? store.read<Tables>();
      const query = database.selectFrom(ATTACHMENTS).select("name").where("topic", "=", topic).where("kind", "=", kind);
      const rows = await query.where("name", ">", after).orderBy("name").limit(limit).execute();
      return rows.map(({ name }) => name);
    },
  };
}
