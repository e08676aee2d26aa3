import type { Migration } from "../../../../platform/store/store.ts";

export const LOGS = "pubsub_logs";
export const ROWS = "pubsub_message_rows";
export const POSITIONS = "pubsub_positions";
export const MARKS = "pubsub_ack_marks";
export const NUMBERS = "pubsub_numbers";

/** The tables of messages. `Uint8Array` columns are blobs. */
export interface Tables {
  /** The messages of one topic, from its creation to the last subscription that outlives it. */
  [LOGS]: {
    id: number;
    /** Full name; empty once the topic is deleted. */
    topic: string;
    /** No message has a number below that is not used up; rows may say more. */
    next_seq: number;
    retention_ms: number;
  };
  /** Messages that were committed together, in order. */
  [ROWS]: {
    log: number;
    first_seq: number;
    last_seq: number;
    publish_time_ms: number;
    size: number;
    payload: Uint8Array;
  };
  /** Subscriptions and snapshots: what of a log is acknowledged. */
  [POSITIONS]: {
    id: number;
    /** Full name. */
    name: string;
    log: number;
    /** The first message published after the subscription was created. */
    first_seq: number;
    /** Every message below is acknowledged. */
    cursor: number;
    /** The Subscription as JSON; empty for a snapshot. */
    subscription: string;
    last_use_ms: number;
  };
  /** Acknowledgements above the cursor, and failed deliveries. */
  [MARKS]: {
    position: number;
    chunk: number;
    acked: Uint8Array;
    /** JSON: failed deliveries by message number; empty when there are none. */
    failures: string;
  };
  /** Numbers that are never given twice, and the key of ack ids. */
  [NUMBERS]: { name: string; value: string };
}

/** The tables of messages; names sort behind those of resources. */
export const messageMigrations: readonly Migration[] = [
  {
    name: "m001-messages",
    async up(database) {
      const { schema } = database;
      await schema
        .createTable(LOGS)
        .addColumn("id", "integer", (column) => column.primaryKey())
        .addColumn("topic", "text", (column) => column.notNull())
        .addColumn("next_seq", "integer", (column) => column.notNull())
        .addColumn("retention_ms", "integer", (column) => column.notNull())
        .execute();
      await schema
        .createTable(ROWS)
        .addColumn("log", "integer", (column) => column.notNull())
        .addColumn("first_seq", "integer", (column) => column.notNull())
        .addColumn("last_seq", "integer", (column) => column.notNull())
        .addColumn("publish_time_ms", "integer", (column) => column.notNull())
        .addColumn("size", "integer", (column) => column.notNull())
        .addColumn("payload", "blob", (column) => column.notNull())
        .addPrimaryKeyConstraint("pubsub_message_rows_key", ["log", "first_seq"])
        .execute();
      await schema
        .createIndex("pubsub_message_rows_by_time")
        .on(ROWS)
        .columns(["log", "publish_time_ms", "first_seq"])
        .execute();
      await schema
        .createTable(POSITIONS)
        .addColumn("id", "integer", (column) => column.primaryKey())
        .addColumn("name", "text", (column) => column.notNull().unique())
        .addColumn("log", "integer", (column) => column.notNull())
        .addColumn("first_seq", "integer", (column) => column.notNull())
        .addColumn("cursor", "integer", (column) => column.notNull())
        .addColumn("subscription", "text", (column) => column.notNull())
        .addColumn("last_use_ms", "integer", (column) => column.notNull())
        .execute();
      await schema
        .createTable(MARKS)
        .addColumn("position", "integer", (column) => column.notNull())
        .addColumn("chunk", "integer", (column) => column.notNull())
        .addColumn("acked", "blob", (column) => column.notNull())
        .addColumn("failures", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint("pubsub_ack_marks_key", ["position", "chunk"])
        .execute();
      await schema
        .createTable(NUMBERS)
        .addColumn("name", "text", (column) => column.primaryKey())
        .addColumn("value", "text", (column) => column.notNull())
        .execute();
    },
  },
];
