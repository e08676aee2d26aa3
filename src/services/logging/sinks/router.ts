import type { LogSink } from "../../../gen/google/logging/v2/logging_config_pb.js";
import type { ResourceTable } from "../../../platform/store/resource-table.ts";
import type { StoreTransaction } from "../../../platform/store/store.ts";
import type { Outbox, OutgoingMessage } from "../../../wire/outbox/outbox.ts";
import { evaluateQuery, type EntryJson } from "../query/evaluate-query.ts";
import { parseQuery } from "../query/parse-query.ts";
import type { EntryRow } from "../store.ts";
import { isDefaultSink, isRequiredLog } from "./default-sinks.ts";
import { storedSink } from "./sink.ts";
import { topicOf } from "./validate.ts";

type Row = Omit<EntryRow, "id">;

export interface RouterDeps {
  readonly table: ResourceTable;
  readonly outbox: Outbox;
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
  readonly topics: readonly Route[];
}

interface Route extends Pick<OutgoingMessage, "topic" | "agent"> {
  readonly matches: Matches;
}

type Matches = (entry: EntryJson) => boolean;

/** More than the sinks of all projects. */
const ALL = 1_000_000;

export function createSinkRouter({ table, outbox, idOfProject }: RouterDeps): SinkRouter {
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
      await outbox.add(
        transaction,
        rows.flatMap((row) => messagesOf(routes.get(row.project)?.topics ?? [], row)),
      );
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

/** Entries arrive at a topic as their JSON. Google: cloud.google.com/logging/docs/export/using_exported_logs#pubsub-organization. */
function messagesOf(topics: readonly Route[], { message }: Row): OutgoingMessage[] {
  if (topics.length === 0) return [];
  const entry = JSON.parse(message) as EntryJson;
  const wanted = topics.filter(({ matches }) => matches(entry));
  if (wanted.length === 0) return [];
  const data = Buffer.from(message);
  const attributes = { "logging.googleapis.com/timestamp": String(entry["timestamp"]) };
  return wanted.map(({ topic, agent }) => ({ topic, agent, message: { data, attributes } }));
}

function compile(sinks: readonly LogSink[], idOfProject: (idOrNumber: string) => string): Routes | undefined {
  const keeping = sinks.find(({ name }) => isDefaultSink(name));
  const topics = sinks.flatMap((sink) => {
    const [, project = "", topic = ""] = /^projects\/([^/]+)\/topics\/(.+)$/.exec(topicOf(sink) ?? "") ?? [];
    if (topic === "" || sink.disabled) return [];
    const agent = sink.writerIdentity.replace("serviceAccount:", "");
    return [{ topic: `projects/${idOfProject(project)}/topics/${topic}`, agent, matches: matcherOf(sink) }];
  });
  if (!keeping) return topics.length > 0 ? { topics } : undefined;
  return { topics, keeps: keeping.disabled ? () => false : matcherOf(keeping) };
}

/** Whether a sink wants an entry: its filter matches, and none of its exclusions in force. */
function matcherOf({ filter, exclusions }: LogSink): Matches {
  const query = parseQuery(filter);
  const excluded = exclusions.filter(({ disabled }) => !disabled).map((exclusion) => parseQuery(exclusion.filter));
  return (entry) => evaluateQuery(query, entry) && !excluded.some((each) => evaluateQuery(each, entry));
}
