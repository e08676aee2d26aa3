import { fromJson, type JsonObject, type JsonValue, toJson } from "@bufbuild/protobuf";
import { type Execution, ExecutionSchema } from "../../../gen/google/cloud/run/v2/execution_pb.js";
import { type Job, JobSchema } from "../../../gen/google/cloud/run/v2/job_pb.js";
import { createResourceTable } from "../../../platform/store/create-resource-table.ts";
import type { ResourceQuery, ResourceRow } from "../../../platform/store/resource-table.ts";
import type { Store, StoreTransaction } from "../../../platform/store/store.ts";
import { type ChangeLog, createChangeLog } from "../changes/change-log.ts";
import { createWatchedTable, type WatchedRow } from "../changes/watched-table.ts";
import { rowOf } from "../resource-row.ts";
import type { HiddenMetadata } from "../store.ts";
import type { TaskState } from "./task.ts";

/** What is kept of a job beside its v2 message. */
export interface HiddenJob {
  /** Id of the operation of the last change; v1 shows it as an annotation. */
  readonly operationId: string;
  readonly metadata: HiddenMetadata;
  readonly template: HiddenMetadata;
}

/** A stored job; `version` grows with each write and is the base of etags. */
export interface JobRecord {
  readonly job: Job;
  readonly hidden: HiddenJob;
  readonly version: number;
  /** Number of the change that wrote it, the base of v1's resource versions; absent before it is stored. */
  readonly sequence?: number;
}

/** What is kept of an execution beside its v2 message. */
export interface HiddenExecution {
  /** Id of the operation that runs it. */
  readonly operationId: string;
  readonly metadata: HiddenMetadata;
  readonly jobUid: string;
  readonly jobGeneration: number;
  readonly jobVersion: number;
  /** Whether somebody asked for its cancellation. */
  readonly isCancelled: boolean;
}

/** A stored execution. */
export interface ExecutionRecord {
  readonly execution: Execution;
  readonly hidden: HiddenExecution;
  readonly version: number;
  /** As for jobs. */
  readonly sequence?: number;
}

/** A stored task; what it has in common with the others stands in its execution. */
export interface TaskRecord {
  readonly name: string;
  readonly uid: string;
  readonly createTimeMs: number;
  readonly state: TaskState;
  readonly version: number;
}

export const JOBS_TABLE = "run_jobs";
export const EXECUTIONS_TABLE = "run_executions";

/** Jobs, executions and tasks as rows; every statement about them goes through here. */
export function createJobStore(store: Store, changes: ChangeLog = createChangeLog(store)) {
  return { ...jobRows(store, changes), ...executionRows(store, changes), ...taskRows(store) };
}

export type JobStore = ReturnType<typeof createJobStore>;

function jobRows(store: Store, changes: ChangeLog) {
  const table = createWatchedTable(store, JOBS_TABLE, changes);
  const listJobs = async (query: ResourceQuery) => (await table.list(query)).map(jobOf);
  return {
    async getJob(name: string, transaction?: StoreTransaction): Promise<JobRecord | undefined> {
      const row = await table.get(name, transaction);
      return row && jobOf(row);
    },
    /** Rejects with DuplicateResourceError when the name is taken. */
    insertJob: async (transaction: StoreTransaction, record: JobRecord) =>
      jobOf(await table.insert(transaction, jobRow(record))),
    /** Rejects with StaleResourceError when the stored version is not the record's. */
    updateJob: async (transaction: StoreTransaction, record: JobRecord) =>
      jobOf(await table.update(transaction, jobRow(record))),
    deleteJob: (transaction: StoreTransaction, name: string) => table.delete(transaction, name),
    listJobs,
    allJobs: { list: listJobs, nameOf: ({ job }: JobRecord) => job.name },
    unfinishedJobs: () => table.unfinishedNames(),
  };
}

function executionRows(store: Store, changes: ChangeLog) {
  const table = createWatchedTable(store, EXECUTIONS_TABLE, changes);
  const listExecutions = async (query: ResourceQuery, transaction?: StoreTransaction) =>
    (await table.list(query, transaction)).map(executionOf);
  return {
    async getExecution(name: string, transaction?: StoreTransaction): Promise<ExecutionRecord | undefined> {
      const row = await table.get(name, transaction);
      return row && executionOf(row);
    },
    insertExecution: async (transaction: StoreTransaction, record: ExecutionRecord) =>
      executionOf(await table.insert(transaction, executionRow(record))),
    updateExecution: async (transaction: StoreTransaction, record: ExecutionRecord) =>
      executionOf(await table.update(transaction, executionRow(record))),
    deleteExecution: (transaction: StoreTransaction, name: string) => table.delete(transaction, name),
    listExecutions,
    /** The newest first, as gcloud shows them: it cuts lists before it sorts them. */
    allExecutions: {
      list: listExecutions,
      nameOf: ({ execution }: ExecutionRecord) => execution.name,
      createTimeOf: ({ execution }: ExecutionRecord) => execution.createTime,
    },
    unfinishedExecutions: () => table.unfinishedNames(),
  };
}

function taskRows(store: Store) {
  const table = createResourceTable(store, "run_tasks");
  const listTasks = async (query: ResourceQuery, transaction?: StoreTransaction) =>
    (await table.list(query, transaction)).map(taskOf);
  return {
    async getTask(name: string, transaction?: StoreTransaction): Promise<TaskRecord | undefined> {
      const row = await table.get(name, transaction);
      return row && taskOf(row);
    },
    insertTask: (transaction: StoreTransaction, record: TaskRecord) => table.insert(transaction, taskRow(record)),
    updateTask: async (transaction: StoreTransaction, record: TaskRecord) =>
      taskOf(await table.update(transaction, taskRow(record))),
    deleteTask: (transaction: StoreTransaction, name: string) => table.delete(transaction, name),
    /** Ordered by the time of creation, tasks of an execution come by their index. */
    listTasks,
    allTasks: { list: listTasks, nameOf: ({ name }: TaskRecord) => name },
  };
}

/** The job in a row. */
export function jobOf(row: WatchedRow): JobRecord {
  const { job, ...hidden } = JSON.parse(row.message) as JsonObject;
  return {
    job: fromJson(JobSchema, job as JsonValue),
    hidden: hidden as unknown as HiddenJob,
    version: row.version,
    sequence: row.sequence,
  };
}

function jobRow({ job, hidden, version }: JobRecord): ResourceRow {
  const message = JSON.stringify({ ...hidden, job: toJson(JobSchema, job) });
  return { ...rowOf(job, version), message, unfinished: job.reconciling };
}

/** The execution in a row. */
export function executionOf(row: WatchedRow): ExecutionRecord {
  const { execution, ...hidden } = JSON.parse(row.message) as JsonObject;
  return {
    execution: fromJson(ExecutionSchema, execution as JsonValue),
    hidden: hidden as unknown as HiddenExecution,
    version: row.version,
    sequence: row.sequence,
  };
}

function executionRow({ execution, hidden, version }: ExecutionRecord): ResourceRow {
  const message = JSON.stringify({ ...hidden, execution: toJson(ExecutionSchema, execution) });
  return { ...rowOf(execution, version), message, unfinished: execution.reconciling };
}

function taskOf({ name, uid, version, message }: ResourceRow): TaskRecord {
  const { createTimeMs, ...state } = JSON.parse(message) as TaskState & { createTimeMs: number };
  return { name, uid, createTimeMs, state, version };
}

/** A task is never unfinished by itself: its execution's reconciler runs it. */
function taskRow({ name, uid, createTimeMs, state, version }: TaskRecord): ResourceRow {
  return {
    name,
    parent: parentOf(name),
    uid,
    generation: 1,
    version,
    message: JSON.stringify({ ...state, createTimeMs }),
    unfinished: false,
    // Lists come by time of creation; the index keeps tasks that were created together in their order.
    createTimeMs: createTimeMs + state.index,
    updateTimeMs: state.updateTimeMs,
  };
}

function parentOf(name: string): string {
  return name.split("/").slice(0, -2).join("/");
}
