import { CompiledQuery, type Generated } from "kysely";
import type { Store, StoreTransaction } from "../../platform/store/store.ts";

/** A stored log entry. */
export interface EntryRow {
  readonly id: number;
  readonly project: string;
  readonly log_name: string;
  readonly timestamp_ms: number;
  /** Canonical JSON of google.logging.v2.LogEntry. */
  readonly message: string;
}

interface Tables {
  log_entries: Omit<EntryRow, "id"> & { id: Generated<number> };
}

/** Place of an entry in the order of its project's log. */
export interface EntryPosition {
  readonly timestampMs: number;
  readonly id: number;
}

export interface EntrySearch {
  readonly projects: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly newestFirst: boolean;
  readonly after: EntryPosition | undefined;
  readonly limit: number;
}

const LARGEST_STATEMENT = 64;

/** Rows of one statement: a power of two, so that few statements are made, and made once. */
function statementRows(left: number): number {
  return Math.min(LARGEST_STATEMENT, 2 ** Math.floor(Math.log2(left)));
}

/** All SQL of Cloud Logging. */
export function createLogStore(store: Store) {
  return { ...createLogReader(store), ...createLogWriter(store) };
}

export type LogStore = ReturnType<typeof createLogStore>;

function createLogWriter(store: Store) {
  const projectAfter = async (project: string): Promise<string | undefined> => {
    const query = store.read<Tables>().selectFrom("log_entries").select("project").where("project", ">", project);
    return (await query.orderBy("project").limit(1).executeTakeFirst())?.project;
  };
  const statements = new Map<number, string>();
  return {
    async insert(transaction: StoreTransaction, rows: readonly Omit<EntryRow, "id">[]): Promise<void> {
      const database = transaction.as<Tables>();
      for (let start = 0; start < rows.length;) {
        const some = rows.slice(start, start + statementRows(rows.length - start));
        let statement = statements.get(some.length);
        if (statement === undefined) {
          const ordered = some.map(({ project, log_name, timestamp_ms, message }) => {
            return { project, log_name, timestamp_ms, message };
          });
          statement = database.insertInto("log_entries").values(ordered).compile().sql;
          statements.set(some.length, statement);
        }
        const values: (string | number)[] = [];
        for (const row of some) values.push(row.project, row.log_name, row.timestamp_ms, row.message);
        await database.executeQuery(CompiledQuery.raw(statement, values));
        start += some.length;
      }
    },

    deleteLog: (logName: string): Promise<void> =>
      store.transact(async (transaction) => {
        await transaction.as<Tables>().deleteFrom("log_entries").where("log_name", "=", logName).execute();
      }),

    /** By project, as the index is ordered: without one, all entries would be looked at. */
    async deleteBefore(timestampMs: number): Promise<void> {
      for (let after = ""; ;) {
        const project = await projectAfter(after);
        if (project === undefined) return;
        await store.transact(async (transaction) => {
          const entries = transaction.as<Tables>().deleteFrom("log_entries");
          await entries.where("project", "=", project).where("timestamp_ms", "<", timestampMs).execute();
        });
        after = project;
      }
    },
  };
}

function createLogReader(store: Store) {
  const read = () => store.read<Tables>();
  return {
    search({ projects, fromMs, toMs, newestFirst, after, limit }: EntrySearch): Promise<EntryRow[]> {
      const [direction, beyond] = newestFirst ? (["desc", "<"] as const) : (["asc", ">"] as const);
      const query = read()
        .selectFrom("log_entries")
        .selectAll()
        .where("project", "in", projects)
        .where("timestamp_ms", ">=", fromMs)
        .where("timestamp_ms", "<=", toMs)
        .orderBy("timestamp_ms", direction)
        .orderBy("id", direction)
        .limit(limit);
      if (!after) return query.execute();
      return query
        .where((where) =>
          where.or([
            where("timestamp_ms", beyond, after.timestampMs),
            where.and([where("timestamp_ms", "=", after.timestampMs), where("id", beyond, after.id)]),
          ]),
        )
        .execute();
    },

    /** Entries in order of arrival after `id`; for tailing. */
    since: (projects: readonly string[], id: number, limit: number): Promise<EntryRow[]> =>
      read()
        .selectFrom("log_entries")
        .selectAll()
        .where("project", "in", projects)
        .where("id", ">", id)
        .orderBy("id")
        .limit(limit)
        .execute(),

    async lastId(): Promise<number> {
      const row = await read().selectFrom("log_entries").select("id").orderBy("id", "desc").limit(1).executeTakeFirst();
      return row?.id ?? 0;
    },

    async logNames(project: string): Promise<string[]> {
      const query = read().selectFrom("log_entries").select("log_name").distinct().where("project", "=", project);
      return (await query.orderBy("log_name").execute()).map((row) => row.log_name);
    },
  };
}
