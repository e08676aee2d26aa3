import { create } from "@bufbuild/protobuf";
import { type LogSink, LogSinkSchema } from "../../../gen/google/logging/v2/logging_config_pb.js";

/** Logs that always go to the _Required bucket. */
const REQUIRED_LOGS = ["activity", "system_event", "access_transparency"].flatMap((log) => [
  `cloudaudit.googleapis.com/${log}`,
  `externalaudit.googleapis.com/${log}`,
]);

const FILTERS = {
  _Required: REQUIRED_LOGS.map((log) => `LOG_ID("${log}")`).join(" OR "),
  _Default: REQUIRED_LOGS.map((log) => `NOT LOG_ID("${log}")`).join(" AND "),
} as const;

/** The sinks that every project has from the start. Google: cloud.google.com/logging/docs/routing/overview#sinks. */
export type DefaultSinkId = keyof typeof FILTERS;

/** Whether an id is that of a sink that every project has. */
export function isDefaultSink(id: string): id is DefaultSinkId {
  return id in FILTERS;
}

/** The ids of the sinks that every project has. */
export const DEFAULT_SINKS = Object.keys(FILTERS) as readonly DefaultSinkId[];

/** Such a sink as it is until somebody changes it; it leads to the project's bucket of its name. */
export function defaultSink(project: string, id: DefaultSinkId): LogSink {
  const destination = `logging.googleapis.com/projects/${project}/locations/global/buckets/${id}`;
  return create(LogSinkSchema, { name: id, destination, filter: FILTERS[id] });
}

/** Whether a log goes to the _Required bucket, which nothing keeps entries out of. */
export function isRequiredLog(logName: string): boolean {
  const id = decodeURIComponent(logName.slice(logName.indexOf("/logs/") + "/logs/".length));
  return REQUIRED_LOGS.includes(id);
}
