import type { HttpRequestLog, InstanceLogEntry } from "../../instances/serving.ts";
import type { WorkloadSpec } from "../../instances/workload.ts";
import type { FinishedLogEntry } from "../../wire/log-intake.ts";

/** An entry of the request log: of ingress' making, so that nothing in it can be out of range. */
export interface RequestLogEntry extends InstanceLogEntry {
  readonly log: "requests";
  readonly httpRequest: HttpRequestLog;
}

export function isRequestLogEntry(entry: InstanceLogEntry): entry is RequestLogEntry {
  return entry.log === "requests" && entry.httpRequest !== undefined;
}

/**
 * The LogEntry that Cloud Run writes for a request, as its canonical JSON: what is empty or 0 is left out. Put together by
 * hand, since a message that is made only to be printed costs each request several times as much.
 * Google: cloud.google.com/run/docs/logging.
 */
export function finishedRequestEntry(entry: RequestLogEntry, receivedMs: number, insertId: string): FinishedLogEntry {
  const { workload, timestampMs, traceId, spanId } = entry;
  const { project, logName, resource, labels } = textsOf(workload);
  const message =
    `{"logName":"${logName}","resource":${resource},"timestamp":"${timestampText(timestampMs)}",` +
    `"receiveTimestamp":"${timestampText(receivedMs)}"${severityOf(entry)},"insertId":"${insertId}",` +
    `"httpRequest":${requestOf(entry.httpRequest)},"labels":{"instanceId":"${entry.instanceId}"${labels}}` +
    (entry.textPayload === undefined ? "" : `,"textPayload":${quoted(entry.textPayload)}`) +
    (traceId === undefined ? "" : `,"trace":"projects/${project}/traces/${traceId}"`) +
    (spanId === undefined ? "" : `,"spanId":"${spanId}"`) +
    (entry.traceSampled ? ',"traceSampled":true}' : "}");
  return { project, log_name: logName, timestamp_ms: timestampMs, message };
}

const quoted = (text: string) => JSON.stringify(text);

/** What all entries of a workload have in common. */
interface WorkloadTexts {
  readonly project: string;
  readonly logName: string;
  readonly resource: string;
  /** To follow another label. */
  readonly labels: string;
}

const known = new WeakMap<WorkloadSpec, WorkloadTexts>();

function textsOf(workload: WorkloadSpec): WorkloadTexts {
  const before = known.get(workload);
  if (before) return before;
  const { project, monitoredResource, logLabels } = workload;
  const pairs = Object.entries(logLabels).map(([name, value]) => `,${quoted(name)}:${quoted(value)}`);
  const texts = {
    project: project.id,
    logName: `projects/${project.id}/logs/run.googleapis.com%2Frequests`,
    resource: JSON.stringify({ type: monitoredResource.type, labels: monitoredResource.labels }),
    labels: pairs.join(""),
  };
  known.set(workload, texts);
  return texts;
}

function severityOf({ severity }: RequestLogEntry): string {
  return severity === "DEFAULT" ? "" : `,"severity":"${severity}"`;
}

function requestOf(request: HttpRequestLog): string {
  const { requestSize, status, responseSize, userAgent, remoteIp } = request;
  return (
    `{"requestMethod":${quoted(request.requestMethod)},"requestUrl":${quoted(request.requestUrl)}` +
    (requestSize === 0 ? "" : `,"requestSize":"${requestSize}"`) +
    (status === 0 ? "" : `,"status":${status}`) +
    (responseSize === 0 ? "" : `,"responseSize":"${responseSize}"`) +
    (userAgent === "" ? "" : `,"userAgent":${quoted(userAgent)}`) +
    (remoteIp === "" ? "" : `,"remoteIp":"${remoteIp}"`) +
    `,"latency":"${durationText(request.latencyMs)}","protocol":"${request.protocol}"}`
  );
}

let second = -1;
let secondText = "";

/** A time as google.protobuf.Timestamp has it in JSON; requests of a second share most of it. */
function timestampText(ms: number): string {
  const rest = ms % 1000;
  if (ms - rest !== second) {
    second = ms - rest;
    secondText = new Date(second).toISOString().slice(0, -".000Z".length);
  }
  return `${secondText}${thousandths(rest)}Z`;
}

/** A time span as google.protobuf.Duration has it in JSON; below 0, which a clock set back makes of it, it is none. */
function durationText(ms: number): string {
  const rest = Math.max(0, ms) % 1000;
  return `${(Math.max(0, ms) - rest) / 1000}${thousandths(rest)}s`;
}

function thousandths(rest: number): string {
  return rest === 0 ? "" : `.${String(rest).padStart(3, "0")}`;
}
