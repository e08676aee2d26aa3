import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type WorkerPool, WorkerPoolSchema } from "../../../gen/google/cloud/run/v2/worker_pool_pb.js";
import type { ResourceQuery, ResourceRow } from "../../../platform/store/resource-table.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import { rowOf } from "../resource-row.ts";
import { type ChangeLog, createChangeLog } from "../changes/change-log.ts";
import { createWatchedTable, type WatchedRow } from "../changes/watched-table.ts";
import type { HiddenService } from "../store.ts";

/** A stored worker pool; `version` grows with each write and is the base of etags. */
export interface WorkerPoolRecord {
  readonly workerPool: WorkerPool;
  readonly hidden: HiddenService;
  readonly version: number;
  /** Number of the change that wrote it, the base of v1's resource versions; absent before it is stored. */
  readonly sequence?: number;
}

export const WORKER_POOLS_TABLE = "run_worker_pools";

/** Worker pools as rows; every statement about them goes through here. */
export function createWorkerPoolStore(store: Store, changes: ChangeLog = createChangeLog(store)) {
  const table = createWatchedTable(store, WORKER_POOLS_TABLE, changes);
  const list = async (query: ResourceQuery) => (await table.list(query)).map(workerPoolOf);
  return {
    async get(name: string, transaction?: StoreTransaction): Promise<WorkerPoolRecord | undefined> {
      const row = await table.get(name, transaction);
      return row && workerPoolOf(row);
    },
    /** Rejects with DuplicateResourceError when the name is taken. */
    insert: async (transaction: StoreTransaction, record: WorkerPoolRecord) =>
      workerPoolOf(await table.insert(transaction, workerPoolRow(record))),
    /** Rejects with StaleResourceError when the stored version is not the record's. */
    update: async (transaction: StoreTransaction, record: WorkerPoolRecord) =>
      workerPoolOf(await table.update(transaction, workerPoolRow(record))),
    delete: (transaction: StoreTransaction, name: string) => table.delete(transaction, name),
    list,
    all: { list, nameOf: ({ workerPool }: WorkerPoolRecord) => workerPool.name },
    unfinished: () => table.unfinishedNames(),
  };
}

export type WorkerPoolStore = ReturnType<typeof createWorkerPoolStore>;

/** The worker pool in a row. */
export function workerPoolOf(row: WatchedRow): WorkerPoolRecord {
  const { workerPool, ...hidden } = JSON.parse(row.message) as JsonObject;
  return {
    workerPool: fromJson(WorkerPoolSchema, workerPool as JsonValue),
    hidden: hidden as unknown as HiddenService,
    version: row.version,
    sequence: row.sequence,
  };
}

function workerPoolRow({ workerPool, hidden, version }: WorkerPoolRecord): ResourceRow {
  const message = JSON.stringify({ ...hidden, workerPool: toJson(WorkerPoolSchema, workerPool) });
  return { ...rowOf(workerPool, version), message, unfinished: workerPool.reconciling };
}
