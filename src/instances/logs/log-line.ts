import type { HttpRequestLog, InstanceLogEntry } from "../serving.ts";

/** The part of a log entry that a line of a container's output decides. */
export type ParsedLogLine = Pick<
  InstanceLogEntry,
  | "timestampMs"
  | "severity"
  | "textPayload"
  | "jsonPayload"
  | "httpRequest"
  | "traceId"
  | "spanId"
  | "traceSampled"
  | "insertId"
  | "operation"
  | "sourceLocation"
  | "labels"
>;

type Fields = Record<string, unknown>;

const PREFIX = "logging.googleapis.com/";

const SEVERITIES: Readonly<Record<string, string>> = {
  DEFAULT: "DEFAULT",
  DEBUG: "DEBUG",
  TRACE: "DEBUG",
  INFO: "INFO",
  NOTICE: "NOTICE",
  WARN: "WARNING",
  WARNING: "WARNING",
  ERR: "ERROR",
  ERROR: "ERROR",
  CRITICAL: "CRITICAL",
  FATAL: "CRITICAL",
  ALERT: "ALERT",
  EMERGENCY: "EMERGENCY",
};

const SEVERITY_NUMBERS: Readonly<Record<number, string>> = {
  0: "DEFAULT",
  100: "DEBUG",
  200: "INFO",
  300: "NOTICE",
  400: "WARNING",
  500: "ERROR",
  600: "CRITICAL",
  700: "ALERT",
  800: "EMERGENCY",
};

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
const flag = (value: unknown) => (typeof value === "boolean" ? value : undefined);
const line = (value: unknown) => (/^\d{1,18}$/.test(textOf(value)) ? textOf(value) : undefined);

/** What is read of LogEntryOperation and LogEntrySourceLocation; whatever else stands there is no reason to lose the line. */
const OBJECTS = {
  operation: { id: text, producer: text, first: flag, last: flag },
  sourceLocation: { file: text, line, function: text },
} as const;

/** Times that a Timestamp can hold, ms (google/protobuf/timestamp.proto). */
const FIRST_MS = Date.parse("0001-01-01T00:00:00Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");
/** Longest latency that is believed, ms: a year. */
const LONGEST_LATENCY_MS = 366 * 86_400_000;

/**
 * Turns a line of stdout or stderr into log entry fields. A line that is a JSON object becomes jsonPayload without the
 * special fields, or textPayload when nothing but `message` is left; every other line becomes textPayload.
 * Google: Cloud Logging, "Structured logging", special fields in JSON payloads.
 */
export function parseLogLine(line: string, receivedMs: number): ParsedLogLine {
  const fields = parseObject(line);
  if (fields === undefined) return { timestampMs: receivedMs, severity: "DEFAULT", textPayload: line };
  return {
    timestampMs: takeTimestamp(fields) ?? receivedMs,
    severity: takeSeverity(fields),
    ...takeHttpRequest(fields),
    ...takeTrace(fields),
    ...takeText(fields, "insertId"),
    ...takeObject(fields, "operation"),
    ...takeObject(fields, "sourceLocation"),
    ...takeLabels(fields),
    ...payload(fields),
  };
}

function parseObject(line: string): Fields | undefined {
  const trimmed = line.trim();
  if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) return undefined;
  try {
    return JSON.parse(trimmed) as Fields;
  } catch {
    return undefined;
  }
}

function payload(fields: Fields): Pick<ParsedLogLine, "textPayload" | "jsonPayload"> {
  const { message } = fields;
  return typeof message === "string" && Object.keys(fields).length === 1
    ? { textPayload: message }
    : { jsonPayload: fields };
}

function takeSeverity(fields: Fields): string {
  const { severity } = fields;
  const name =
    typeof severity === "number" ? SEVERITY_NUMBERS[severity] : SEVERITIES[textOf(severity).trim().toUpperCase()];
  if (name === undefined) return "DEFAULT";
  delete fields["severity"];
  return name;
}

function takeTimestamp(fields: Fields): number | undefined {
  for (const key of ["time", "timestamp"]) {
    const ms = timestampOf(fields[key]);
    if (ms === undefined || !isTime(ms)) continue;
    delete fields[key];
    return ms;
  }
  const seconds = numberOf(fields["timestampSeconds"]);
  if (seconds === undefined) return undefined;
  const ms = seconds * 1000 + (numberOf(fields["timestampNanos"]) ?? 0) / 1e6;
  if (!isTime(ms)) return undefined;
  delete fields["timestampSeconds"];
  delete fields["timestampNanos"];
  return ms;
}

function isTime(ms: number): boolean {
  return ms >= FIRST_MS && ms <= LAST_MS;
}

function timestampOf(value: unknown): number | undefined {
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) {
    const ms = Date.parse(value);
    return Number.isNaN(ms) ? undefined : ms;
  }
  if (!isObject(value)) return undefined;
  const seconds = numberOf(value["seconds"]);
  return seconds === undefined ? undefined : seconds * 1000 + (numberOf(value["nanos"]) ?? 0) / 1e6;
}

function takeTrace(fields: Fields): Pick<ParsedLogLine, "traceId" | "spanId" | "traceSampled"> {
  const trace = takeString(fields, `${PREFIX}trace`);
  const spanId = takeString(fields, `${PREFIX}spanId`);
  const sampled = fields[`${PREFIX}trace_sampled`];
  if (typeof sampled === "boolean") delete fields[`${PREFIX}trace_sampled`];
  return {
    ...(trace === undefined ? {} : { traceId: trace.slice(trace.lastIndexOf("/") + 1) }),
    ...(spanId === undefined ? {} : { spanId }),
    ...(typeof sampled === "boolean" ? { traceSampled: sampled } : {}),
  };
}

function takeText(fields: Fields, name: "insertId"): Pick<ParsedLogLine, "insertId"> {
  const value = takeString(fields, PREFIX + name);
  return value === undefined ? {} : { [name]: value };
}

function takeObject(
  fields: Fields,
  name: "operation" | "sourceLocation",
): Pick<ParsedLogLine, "operation" | "sourceLocation"> {
  const value = fields[PREFIX + name];
  if (!isObject(value)) return {};
  delete fields[PREFIX + name];
  const known = Object.entries(OBJECTS[name]).map(([key, read]) => [key, read(value[key])] as const);
  return { [name]: Object.fromEntries(known.filter(([, part]) => part !== undefined)) };
}

function takeLabels(fields: Fields): Pick<ParsedLogLine, "labels"> {
  const value = fields[`${PREFIX}labels`];
  if (!isObject(value)) return {};
  delete fields[`${PREFIX}labels`];
  return { labels: Object.fromEntries(Object.entries(value).map(([key, text]) => [key, textOf(text)])) };
}

function takeHttpRequest(fields: Fields): Pick<ParsedLogLine, "httpRequest"> {
  const value = fields["httpRequest"];
  if (!isObject(value)) return {};
  delete fields["httpRequest"];
  const httpRequest: HttpRequestLog = {
    requestMethod: textOf(value["requestMethod"]),
    requestUrl: textOf(value["requestUrl"]),
    requestSize: countOf(value["requestSize"]),
    status: countOf(value["status"]) & 0xffff,
    responseSize: countOf(value["responseSize"]),
    userAgent: textOf(value["userAgent"]),
    remoteIp: textOf(value["remoteIp"]),
    latencyMs: durationMs(value["latency"]),
    protocol: textOf(value["protocol"]),
  };
  return { httpRequest };
}

/** Google: google.protobuf.Duration in JSON, for example "3.5s". */
function durationMs(value: unknown): number {
  const match = typeof value === "string" ? /^(-?\d+(?:\.\d+)?)s$/.exec(value) : null;
  const ms = match === null ? 0 : Number(match[1]) * 1000;
  return Math.abs(ms) <= LONGEST_LATENCY_MS ? ms : 0;
}

function takeString(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  if (typeof value !== "string" || value === "") return undefined;
  delete fields[key];
  return value;
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A number of things; 0 for what is none. */
function countOf(value: unknown): number {
  const number = numberOf(value) ?? 0;
  return Number.isSafeInteger(number) && number >= 0 ? number : 0;
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "";
}
