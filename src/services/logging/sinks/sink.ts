import { create, fromJson, type JsonValue, toJson } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { type LogSink, LogSinkSchema } from "../../../gen/google/logging/v2/logging_config_pb.js";
import type { ResourceRow } from "../../../platform/store/resource-table.ts";
import { principalEmail, type Principal } from "../../../wire/credentials/principal.ts";
import { projectNumberOf } from "../../../wire/projects/project-number.ts";
import { isDefaultSink } from "./default-sinks.ts";
import { invalidSink } from "./errors.ts";
import type { SinkPlace } from "./names.ts";

/** Identity of sinks that have none of their own. */
const SHARED_WRITER = "serviceAccount:cloud-logs@system.gserviceaccount.com";

/** A sink and who made it. */
export interface StoredSink {
  readonly row: ResourceRow;
  readonly sink: LogSink;
  /** E-mail address of the service agent that made it and alone sees it; "" for one that everybody sees. */
  readonly agent: string;
}

/** The row of a new sink. */
export function newSinkRow(
  place: SinkPlace,
  sink: LogSink,
  by: { readonly principal: Principal; readonly uid: string; readonly nowMs: number },
): ResourceRow {
  const agent = by.principal.kind === "serviceAgent" && !isDefaultSink(place.id) ? by.principal.email : "";
  return {
    name: place.name,
    parent: `projects/${place.project}`,
    uid: by.uid,
    generation: 1,
    version: 1,
    message: format(sink, agent),
    unfinished: false,
    createTimeMs: by.nowMs,
    updateTimeMs: by.nowMs,
  };
}

/** The row with another content. */
export function changedSinkRow({ row, agent }: StoredSink, sink: LogSink, nowMs: number): ResourceRow {
  return { ...row, generation: row.generation + 1, message: format(sink, agent), updateTimeMs: nowMs };
}

/** A sink as it is stored, with its times. */
export function storedSink(row: ResourceRow): StoredSink {
  const { sink, agent } = JSON.parse(row.message) as { sink: JsonValue; agent: string };
  return {
    row,
    sink: create(LogSinkSchema, {
      ...fromJson(LogSinkSchema, sink),
      createTime: timestampFromMs(row.createTimeMs),
      updateTime: timestampFromMs(row.updateTimeMs),
    }),
    agent,
  };
}

/** Whether a caller sees a sink: those that a service made for its own purposes are its own. */
export function isVisibleTo({ agent }: StoredSink, principal: Principal): boolean {
  return agent === "" || agent === principalEmail(principal);
}

/** Who writes for a sink: the project's service agent, or the identity that old sinks share. Google: LogSink.writer_identity. */
export function writerIdentity(project: string, isUnique: boolean): string {
  return isUnique
    ? `serviceAccount:service-${projectNumberOf(project)}@gcp-sa-logging.iam.gserviceaccount.com`
    : SHARED_WRITER;
}

/** The identity after an update; a sink keeps one of its own. Google: UpdateSinkRequest.unique_writer_identity. */
export function changedWriter(current: string, project: string, isUnique: boolean): string {
  if (current === "") return current;
  if (!isUnique && current !== SHARED_WRITER) {
    throw invalidSink("unique_writer_identity", "A sink's unique writer identity cannot be taken away from it.");
  }
  return isUnique ? writerIdentity(project, true) : current;
}

function format(sink: LogSink, agent: string): string {
  return JSON.stringify({ sink: toJson(LogSinkSchema, sink), agent });
}
