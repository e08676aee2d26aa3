import type { PubsubMessage } from "../../../../gen/google/pubsub/v1/pubsub_pb.js";
import type { CloudEvent } from "./cloud-event.ts";

const SCHEMA =
  "https://googleapis.github.io/google-cloudevents/jsonschema/google/events/cloud/audit/v1/LogEntryData.json";
const LOG_NAME = /^(.+)\/logs\/cloudaudit\.googleapis\.com(?:%2F|\/)(.+)$/i;

interface AuditLogEntry {
  readonly logName?: string;
  readonly insertId?: string;
  readonly timestamp?: string;
  readonly receiveTimestamp?: string;
  readonly protoPayload?: AuditLogJson;
}

interface AuditLogJson {
  readonly serviceName?: string;
  readonly methodName?: string;
  readonly resourceName?: string;
}

/**
 * google.cloud.audit.log.v1.written of a log entry in JSON; undefined for what is no entry of an audit log. Google:
 * google-cloudevents, google/events/cloud/audit/v1/data.proto, LogEntryData, whose parts are no google.protobuf.Any.
 */
export function auditLogEvent({ data }: PubsubMessage): CloudEvent | undefined {
  const entry = parse(data);
  const [, project, log] = LOG_NAME.exec(entry?.logName ?? "") ?? [];
  const { protoPayload } = entry ?? {};
  if (entry === undefined || project === undefined || log === undefined || !protoPayload) return undefined;
  const { insertId = "", logName = "", timestamp = "", receiveTimestamp = timestamp } = entry;
  const { serviceName = "", methodName = "", resourceName = "" } = protoPayload;
  return {
    attributes: {
      dataschema: SCHEMA,
      id: `${logName}${insertId}${microseconds(timestamp)}`,
      methodname: methodName,
      recordedtime: timestamp,
      resourcename: resourceName,
      servicename: serviceName,
      source: `//cloudaudit.googleapis.com/${project}/logs/${log}`,
      specversion: "1.0",
      subject: `${serviceName}/${resourceName}`,
      time: receiveTimestamp,
      type: "google.cloud.audit.log.v1.written",
    },
    contentType: "application/json; charset=utf-8",
    data: JSON.stringify({ ...entry, protoPayload: withoutTypes(protoPayload) }),
  };
}

function parse(data: Uint8Array): AuditLogEntry | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(data).toString());
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function microseconds(timestamp: string): string {
  const ms = Date.parse(timestamp);
  if (Number.isNaN(ms)) return "";
  const fraction = (/\.(\d+)/.exec(timestamp)?.[1] ?? "").padEnd(6, "0").slice(0, 6);
  return `${Math.floor(ms / 1000)}${fraction}`;
}

/** The types that say what an Any holds: of the payload, and of request, response and other parts of it. */
function withoutTypes(payload: AuditLogJson): Record<string, unknown> {
  const parts = Object.entries(payload).filter(([name]) => name !== "@type");
  return Object.fromEntries(parts.map(([name, part]) => [name, withoutType(part)]));
}

function withoutType(part: unknown): unknown {
  if (typeof part !== "object" || part === null || !("@type" in part)) return part;
  const { "@type": _, ...rest } = part;
  return rest;
}
