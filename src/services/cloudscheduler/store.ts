import { createResourceTable, resourceTableMigration } from "../../platform/store/create-resource-table.ts";
import type { ResourceTable } from "../../platform/store/resource-table.ts";
import type { Migration, Store, StoreTransaction } from "../../platform/store/store.ts";
import type { Execution } from "./line.ts";

const JOBS = "cloudscheduler_jobs";
const FORCED = "cloudscheduler_forced";

/** Jobs, and the executions of theirs that RunJob asked for. */
export interface SchedulerTables {
  readonly jobs: ResourceTable;
  readonly forced: ForcedExecutions;
}

/** An execution beside the schedule. */
export interface ForcedExecution {
  readonly id: string;
  /** The job's name. */
  readonly job: string;
  readonly execution: Execution;
}

/** Executions that RunJob asked for, until they are done. */
export interface ForcedExecutions {
  get(id: string, transaction?: StoreTransaction): Promise<ForcedExecution | undefined>;
  /** Adds it or changes the one of the same id. */
  put(transaction: StoreTransaction, forced: ForcedExecution): Promise<void>;
  delete(transaction: StoreTransaction, id: string): Promise<void>;
  deleteOfJob(transaction: StoreTransaction, job: string): Promise<void>;
}

interface Tables {
  [FORCED]: { id: string; job: string; execution: string };
}

/** The tables of Cloud Scheduler. */
export const migrations: readonly Migration[] = [
  resourceTableMigration("001-jobs", JOBS),
  {
    name: "002-forced",
    async up(database) {
      await database.schema
        .createTable(FORCED)
        .addColumn("id", "text", (column) => column.primaryKey())
        .addColumn("job", "text", (column) => column.notNull())
        .addColumn("execution", "text", (column) => column.notNull())
        .execute();
      await database.schema.createIndex(`${FORCED}_by_job`).on(FORCED).column("job").execute();
    },
  },
];

/** Every SQL statement of Cloud Scheduler. */
export function createTables(store: Store): SchedulerTables {
  const table = (transaction: StoreTransaction) => transaction.as<Tables>();
  return {
    jobs: createResourceTable(store, JOBS),
    forced: {
      async get(id, transaction) {
        const database = transaction ? table(transaction) : store.read<Tables>();
        const row = await database.selectFrom(FORCED).selectAll().where("id", "=", id).executeTakeFirst();
        return row && { ...row, execution: JSON.parse(row.execution) as Execution };
      },
      async put(transaction, { id, job, execution }) {
        const text = JSON.stringify(execution);
        const insert = table(transaction).insertInto(FORCED).values({ id, job, execution: text });
        await insert.onConflict((conflict) => conflict.column("id").doUpdateSet({ execution: text })).execute();
      },
      async delete(transaction, id) {
        await table(transaction).deleteFrom(FORCED).where("id", "=", id).execute();
      },
      async deleteOfJob(transaction, job) {
        await table(transaction).deleteFrom(FORCED).where("job", "=", job).execute();
      },
    },
  };
}
