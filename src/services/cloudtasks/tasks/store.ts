import { type Kysely, type Selectable, sql } from "kysely";
import type { Migration, Store, StoreTransaction } from "../../../platform/store/store.ts";

const TASKS = "cloudtasks_tasks";

/** A task as it is kept. */
export interface TaskRow {
  readonly queueUid: string;
  readonly id: string;
  /** Rises with every task that is created: a purge ends those up to a number. */
  readonly born: number;
  /** Rises with every planned attempt: of those due at the same time, the lower one comes first. */
  readonly seq: number;
  /** Whether its user named it. */
  readonly named: boolean;
  readonly dueMs: number;
  readonly createMs: number;
  /** The google.cloud.tasks.v2.Task that was created, without its name. */
  readonly task: Uint8Array;
  readonly progress: TaskProgress;
}

/** What became of a task so far. */
export interface TaskProgress {
  readonly dispatchCount: number;
  readonly responseCount: number;
  readonly firstDispatchMs?: number;
  readonly last?: LastAttempt;
}

/** The last attempt; without a response while it is under way, or when the server ended during it. */
export interface LastAttempt {
  readonly scheduleMs: number;
  readonly dispatchMs: number;
  readonly responseMs?: number;
  readonly code?: number;
  readonly message?: string;
  /** The status that the target answered. */
  readonly httpStatus?: number;
}

/** A place in the order of planned attempts. */
export type Cursor = Pick<TaskRow, "dueMs" | "seq">;

/** Every SQL statement about tasks. */
export interface TaskStore {
  get(queueUid: string, id: string, transaction?: StoreTransaction): Promise<TaskRow | undefined>;
  /** False, and nothing is written, when the queue has a task of that id. */
  insert(transaction: StoreTransaction, row: TaskRow): Promise<boolean>;
  /** Plans the next attempt; false when there is no such task any more. */
  plan(transaction: StoreTransaction, row: TaskRow): Promise<boolean>;
  delete(transaction: StoreTransaction, queueUid: string, id: string): Promise<boolean>;
  /** Tasks of a queue that were born after `bornAfter`, by their ids. */
  list(queueUid: string, bornAfter: number, after: string, limit: number): Promise<TaskRow[]>;
  /** What is due at `nowMs`, after the cursor and in its order. */
  due(queueUid: string, bornAfter: number, cursor: Cursor, nowMs: number, limit: number): Promise<TaskRow[]>;
  /** When the first task after the cursor is due. */
  nextDueMs(queueUid: string, bornAfter: number, cursor: Cursor): Promise<number | undefined>;
  /** Deletes some tasks born up to `born`; answers the ids of those that were named, and whether more are left. */
  deleteBorn(transaction: StoreTransaction, queueUid: string, born: number): Promise<Deleted>;
  /** Deletes some tasks created up to `createMs`, of all queues. */
  deleteOld(transaction: StoreTransaction, createMs: number): Promise<Deleted>;
  /** The highest of all numbers that tasks were born or planned with; 0 when there is none. */
  highestNumber(): Promise<number>;
}

/** What a deletion of many came to. */
export interface Deleted {
  readonly named: readonly Pick<TaskRow, "queueUid" | "id">[];
  readonly more: boolean;
}

/** Tasks deleted in one transaction: it must not keep others waiting. */
const DELETED_TOGETHER = 1_000;

interface Columns {
  queue_uid: string;
  id: string;
  born: number;
  seq: number;
  named: number;
  due_ms: number;
  create_ms: number;
  task: Uint8Array;
  progress: string;
}

type Tables = Record<typeof TASKS, Columns>;

/** The table of tasks. */
export const taskMigrations: readonly Migration[] = [
  {
    name: "003-tasks",
    async up(database) {
      await database.schema
        .createTable(TASKS)
        .addColumn("queue_uid", "text", (column) => column.notNull())
        .addColumn("id", "text", (column) => column.notNull())
        .addColumn("born", "integer", (column) => column.notNull())
        .addColumn("seq", "integer", (column) => column.notNull())
        .addColumn("named", "integer", (column) => column.notNull())
        .addColumn("due_ms", "integer", (column) => column.notNull())
        .addColumn("create_ms", "integer", (column) => column.notNull())
        .addColumn("task", "blob", (column) => column.notNull())
        .addColumn("progress", "text", (column) => column.notNull())
        .addPrimaryKeyConstraint(`${TASKS}_key`, ["queue_uid", "id"])
        .execute();
      const index = (name: string) => database.schema.createIndex(`${TASKS}_${name}`).on(TASKS);
      await index("by_due").columns(["queue_uid", "due_ms", "seq"]).execute();
      await index("by_create").column("create_ms").execute();
    },
  },
];

/** The tasks of a store. */
export function createTaskStore(store: Store): TaskStore {
  const queries = (transaction?: StoreTransaction): Kysely<Tables> =>
    transaction ? transaction.as<Tables>() : store.read<Tables>();
  const all = (transaction?: StoreTransaction) => queries(transaction).selectFrom(TASKS).selectAll();
  return {
    async get(queueUid, id, transaction) {
      const row = await all(transaction).where("queue_uid", "=", queueUid).where("id", "=", id).executeTakeFirst();
      return row && toRow(row);
    },
    async insert(transaction, row) {
      const insert = queries(transaction).insertInto(TASKS).values(toColumns(row));
      const result = await insert.onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
      return result.numInsertedOrUpdatedRows === 1n;
    },
    async plan(transaction, row) {
      const { due_ms, seq, progress } = toColumns(row);
      const update = queries(transaction).updateTable(TASKS).set({ due_ms, seq, progress });
      const result = await update.where("queue_uid", "=", row.queueUid).where("id", "=", row.id).executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },
    async delete(transaction, queueUid, id) {
      const query = queries(transaction).deleteFrom(TASKS).where("queue_uid", "=", queueUid).where("id", "=", id);
      return (await query.executeTakeFirst()).numDeletedRows > 0n;
    },
    async list(queueUid, bornAfter, after, limit) {
      const query = all().where("queue_uid", "=", queueUid).where("born", ">", bornAfter).where("id", ">", after);
      return (await query.orderBy("id").limit(limit).execute()).map(toRow);
    },
    async due(queueUid, bornAfter, cursor, nowMs, limit) {
      const query = afterCursor(all(), queueUid, bornAfter, cursor).where("due_ms", "<=", nowMs);
      return (await query.orderBy("due_ms").orderBy("seq").limit(limit).execute()).map(toRow);
    },
    async nextDueMs(queueUid, bornAfter, cursor) {
      const query = afterCursor(queries().selectFrom(TASKS).select("due_ms"), queueUid, bornAfter, cursor);
      return (await query.orderBy("due_ms").orderBy("seq").limit(1).executeTakeFirst())?.due_ms;
    },
    deleteBorn: (transaction, queueUid, born) =>
      deleteSome(queries(transaction), (query) => query.where("queue_uid", "=", queueUid).where("born", "<=", born)),
    deleteOld: (transaction, createMs) =>
      deleteSome(queries(transaction), (query) => query.where("create_ms", "<=", createMs)),
    async highestNumber() {
      const highest = sql<number>`max(case when born > seq then born else seq end)`.as("highest");
      return (await queries().selectFrom(TASKS).select(highest).executeTakeFirst())?.highest ?? 0;
    },
  };
}

type Selection = ReturnType<typeof keysQuery>;

function keysQuery(database: Kysely<Tables>) {
  return database.selectFrom(TASKS).select(["queue_uid", "id", "named"]);
}

async function deleteSome(database: Kysely<Tables>, choose: (query: Selection) => Selection): Promise<Deleted> {
  const rows = await choose(keysQuery(database)).limit(DELETED_TOGETHER).execute();
  for (const [queueUid, of] of Map.groupBy(rows, (row) => row.queue_uid)) {
    const ids = of.map(({ id }) => id);
    await database.deleteFrom(TASKS).where("queue_uid", "=", queueUid).where("id", "in", ids).execute();
  }
  const named = rows.filter((row) => row.named === 1).map(({ queue_uid, id }) => ({ queueUid: queue_uid, id }));
  return { named, more: rows.length === DELETED_TOGETHER };
}

function afterCursor<Query extends { where(expression: ReturnType<typeof sql<boolean>>): Query }>(
  query: Query,
  queueUid: string,
  bornAfter: number,
  { dueMs, seq }: Cursor,
): Query {
  return query
    .where(sql<boolean>`queue_uid = ${queueUid}`)
    .where(sql<boolean>`(due_ms, seq) > (${dueMs}, ${seq})`)
    .where(sql<boolean>`born > ${bornAfter}`);
}

function toColumns(row: TaskRow): Columns {
  return {
    queue_uid: row.queueUid,
    id: row.id,
    born: row.born,
    seq: row.seq,
    named: row.named ? 1 : 0,
    due_ms: row.dueMs,
    create_ms: row.createMs,
    task: row.task,
    progress: JSON.stringify(row.progress),
  };
}

function toRow(columns: Selectable<Columns>): TaskRow {
  return {
    queueUid: columns.queue_uid,
    id: columns.id,
    born: columns.born,
    seq: columns.seq,
    named: columns.named === 1,
    dueMs: columns.due_ms,
    createMs: columns.create_ms,
    task: columns.task,
    progress: JSON.parse(columns.progress) as TaskProgress,
  };
}
