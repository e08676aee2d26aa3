import type { EventFilter } from "../../../gen/google/cloud/eventarc/v1/trigger_pb.js";
import { readPathPattern } from "../../../wire/filter/path-pattern.ts";
import { PATH_PATTERN } from "../triggers/filters.ts";

/** Fields of audit log entries by the attributes that triggers filter by. */
const FIELDS: Readonly<Record<string, string>> = {
  serviceName: "protoPayload.serviceName",
  methodName: "protoPayload.methodName",
  resourceName: "protoPayload.resourceName",
};

/**
 * The logging filter for the audit log entries that pass a trigger's filters. A trigger of a region gets no entries about
 * resources whose names say that they are in another one; a global trigger gets those of all.
 * Google: cloud.google.com/eventarc/docs/path-patterns, "Resource regionality".
 */
export function auditLogFilter(project: string, location: string, filters: readonly EventFilter[]): string {
  const terms = filters.filter(({ attribute }) => attribute !== "type").map(termOf);
  const logs = `logName=~${quoted(`^projects/${escaped(project)}/logs/cloudaudit\\.googleapis\\.com%2F`)}`;
  return [logs, ...terms, ...regionOf(location)].join(" AND ");
}

function termOf({ attribute, value, operator }: EventFilter): string {
  const field = FIELDS[attribute]!;
  if (operator !== PATH_PATTERN) return `${field}=${quoted(value)}`;
  return `${field}=~${quoted(readPathPattern(value).regularExpression!)}`;
}

function regionOf(location: string): string[] {
  if (location === "global") return [];
  const field = FIELDS["resourceName"]!;
  const here = `/locations/(${escaped(location)}|global|-)(/|$)`;
  return [`(NOT ${field}=~${quoted("/locations/")} OR ${field}=~${quoted(here)})`];
}

function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}

function escaped(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`);
}
