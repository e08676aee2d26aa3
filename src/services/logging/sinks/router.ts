import type { LogSink } from "../../../gen/google/logging/v2/logging_config_pb.js";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outbox, OutgoingMessage } from "../../../wire/outbox/outbox.ts";
import { evaluateQuery, type EntryJson } from "../query/evaluate-query.ts";
import { parseQuery } from "../query/parse-query.ts";
import type { EntryRow } from "../store.ts";
import type { BatchedEntry, Batches } from "./batches.ts";
import { isDefaultSink, isRequiredLog } from "./default-sinks.ts";
import { storedSink } from "./sink.ts";
import { bucketOf, topicOf } from "./validate.ts";

type Row = Omit<EntryRow, "id">;

export interface RouterDeps {
  readonly table: ResourceTable;
  readonly outbox: Outbox;
  readonly batches: Batches;
  readonly idOfProject: (idOrNumber: string) => string;
}

/**
 * Leads log entries to where the sinks of their project want them. What sinks there are is remembered, so that entries of
 * a project without any cost nothing.
 */
export interface SinkRouter {
  /** Reads all sinks; call before entries are written. */
  load(): Promise<void>;
  /** The rows that the project's log keeps, which _Default says. */
  kept(rows: readonly Row[]): readonly Row[];
  /** Writes down the messages of the entries that sinks want, in the transaction that writes the entries. */
  route(transaction: StoreTransaction, rows: readonly Row[]): Promise<void>;
  /** A project's sinks are different once the transaction is committed. */
  changed(transaction: StoreTransaction, project: string): Promise<void>;
}

/** The sinks of a project, ready to be asked. */
interface Routes {
  /** Absent while _Default is as it was made: it keeps everything. */
  readonly keeps?: Matches;
  readonly exports: readonly Route[];
}

/** One sink: where to, and what. */
interface Route {
  readonly agent: string;
  readonly topic?: string | undefined;
  readonly bucket?: string | undefined;
  readonly matches: Matches;
}

/** An entry that a sink wants. */
interface Wanted {
  readonly route: Route;
  readonly row: Row;
  readonly entry: EntryJson;
}

type Matches = (entry: EntryJson) => boolean;

/** More than the sinks of all projects. */
const ALL = 1_000_000;

export function createSinkRouter({ table, outbox, batches, idOfProject }: RouterDeps): SinkRouter {
  const routes = new Map<string, Routes>();
  const remember = (project: string, sinks: readonly LogSink[]) => {
    const compiled = compile(sinks, idOfProject);
    if (compiled) routes.set(project, compiled);
    else routes.delete(project);
  };
  return {
    async load() {
      const rows = await table.list({ parent: "projects/-", limit: ALL });
      const byProject = Map.groupBy(rows, ({ parent }) => parent.replace("projects/", ""));
      for (const [project, its] of byProject)
        remember(
          project,
          its.map((row) => storedSink(row).sink),
        );
    },
    kept(rows) {
      if (routes.size === 0) return rows;
      return rows.filter((row) => {
        const keeps = routes.get(row.project)?.keeps;
        return !keeps || isRequiredLog(row.log_name) || keeps(JSON.parse(row.message) as EntryJson);
      });
    },
    async route(transaction, rows) {
      if (routes.size === 0) return;
      const wanted = rows.flatMap((row) => wantedBy(routes.get(row.project)?.exports ?? [], row));
      await outbox.add(transaction, wanted.flatMap(messageOf));
      await batches.add(transaction, wanted.flatMap(batchedOf));
    },
    async changed(transaction, project) {
      const rows = await table.list({ parent: `projects/${project}`, limit: ALL }, transaction);
      transaction.afterCommit(() =>
        remember(
          project,
          rows.map((row) => storedSink(row).sink),
        ),
      );
    },
  };
}

function wantedBy(exports: readonly Route[], row: Row): Wanted[] {
  if (exports.length === 0) return [];
  const entry = JSON.parse(row.message) as EntryJson;
  return exports.filter(({ matches }) => matches(entry)).map((route) => ({ route, row, entry }));
}

/** Entries arrive at a topic as their JSON. Google: cloud.google.com/logging/docs/export/using_exported_logs#pubsub-organization. */
function messageOf({ route: { topic, agent }, row, entry }: Wanted): OutgoingMessage[] {
  if (topic === undefined) return [];
  const attributes = { "logging.googleapis.com/timestamp": String(entry["timestamp"]) };
  return [{ topic, agent, message: { data: Buffer.from(row.message), attributes } }];
}

function batchedOf({ route: { bucket, agent }, row }: Wanted): BatchedEntry[] {
  if (bucket === undefined) return [];
  return [{ bucket, agent, logName: row.log_name, timestampMs: row.timestamp_ms, message: row.message }];
}

function compile(sinks: readonly LogSink[], idOfProject: (idOrNumber: string) => string): Routes | undefined {
  const keeping = sinks.find(({ name }) => isDefaultSink(name));
  const exports = sinks
    .filter((sink) => !sink.disabled && !isDefaultSink(sink.name))
    .map((sink) => {
      const [, project = "", topic] = /^projects\/([^/]+)\/topics\/(.+)$/.exec(topicOf(sink) ?? "") ?? [];
      return {
        agent: sink.writerIdentity.replace("serviceAccount:", ""),
        topic: topic === undefined ? undefined : `projects/${idOfProject(project)}/topics/${topic}`,
        bucket: bucketOf(sink),
        matches: matcherOf(sink),
      };
    });
  if (!keeping) return exports.length > 0 ? { exports } : undefined;
  return { exports, keeps: keeping.disabled ? () => false : matcherOf(keeping) };
}

/** Whether a sink wants an entry: its filter matches, and none of its exclusions in force. */
function matcherOf({ filter, exclusions }: LogSink): Matches {
  const query = parseQuery(filter);
  const excluded = exclusions.filter(({ disabled }) => !disabled).map((exclusion) => parseQuery(exclusion.filter));
  return (entry) => evaluateQuery(query, entry) && !excluded.some((each) => evaluateQuery(each, entry));
}
